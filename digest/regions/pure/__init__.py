"""The tagger: functions over texts that touch no database, network, framework or clock."""
