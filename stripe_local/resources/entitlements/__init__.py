"""What customers may use. https://docs.stripe.com/api/entitlements/feature"""
