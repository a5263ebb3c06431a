"""The models of what the API takes and answers. Their descriptions are its documentation."""
