"""Policy packs at work, and what they say."""
