"""Where events are sent. https://docs.stripe.com/api/webhook_endpoints"""
