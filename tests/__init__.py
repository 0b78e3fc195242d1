"""Tests: unit (pure, in memory), contract, integration (real nodes), e2e (the whole system)."""
