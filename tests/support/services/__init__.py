"""Each service without a broker or a database, or around a real store."""
