"""What customers use: meters, their events, what these add up to. https://docs.stripe.com/api/billing/meter"""
