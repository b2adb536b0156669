"""What several verbs share: opening the world, rendering, surveying, planning, verifying."""
