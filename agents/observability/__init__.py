"""Metrics, logs, health: declared once, injected, free of personal data."""
