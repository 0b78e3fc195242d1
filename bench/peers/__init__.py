"""What ours is compared with: programs of their own, which import nothing of the system."""
