"""The letters that readers are owed: transactional mails, kept as rows until they are out."""
