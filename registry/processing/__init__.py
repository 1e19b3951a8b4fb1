"""Article 30 records: drafted from an exchange, completed by each controller, versioned; all pure."""
