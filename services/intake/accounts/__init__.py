"""People who sign in to the pages with an account of the deployment's OIDC issuer."""
