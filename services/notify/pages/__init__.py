"""notify's page for people: where whoever gets our e-mails stops them."""
