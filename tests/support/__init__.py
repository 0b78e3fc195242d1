"""What tests are made with: nodes, builders, fakes, keys."""
