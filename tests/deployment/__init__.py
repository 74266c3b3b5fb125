"""What runs Hemu elsewhere: the cluster's composition and its gateway."""
