"""What customers pay with. https://docs.stripe.com/api/payment_methods"""
