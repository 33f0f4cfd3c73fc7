"""What happened, and where that is sent. https://docs.stripe.com/api/webhook_endpoints"""
