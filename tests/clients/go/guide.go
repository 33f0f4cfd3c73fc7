package main

import (
	"context"
	"time"

	"github.com/stripe/stripe-go/v85"
)

// The guide's seven steps.
func guide(ctx context.Context, client *stripe.Client) map[string]any {
	meter := check(client.V1BillingMeters.Create(ctx, &stripe.BillingMeterCreateParams{
		DisplayName:        stripe.String("Hypernian tokens"),
		EventName:          stripe.String("hypernian_tokens"),
		DefaultAggregation: &stripe.BillingMeterCreateDefaultAggregationParams{Formula: stripe.String("sum")},
		CustomerMapping: &stripe.BillingMeterCreateCustomerMappingParams{
			EventPayloadKey: stripe.String("stripe_customer_id"),
			Type:            stripe.String("by_id"),
		},
		ValueSettings: &stripe.BillingMeterCreateValueSettingsParams{EventPayloadKey: stripe.String("value")},
	}))
	price := check(client.V1Prices.Create(ctx, &stripe.PriceCreateParams{
		Currency:          stripe.String("usd"),
		UnitAmount:        stripe.Int64(4),
		BillingScheme:     stripe.String("per_unit"),
		TransformQuantity: &stripe.PriceCreateTransformQuantityParams{DivideBy: stripe.Int64(100), Round: stripe.String("up")},
		Recurring: &stripe.PriceCreateRecurringParams{
			UsageType: stripe.String("metered"),
			Interval:  stripe.String("month"),
			Meter:     stripe.String(meter.ID),
		},
		ProductData: &stripe.PriceCreateProductDataParams{Name: stripe.String("Hypernian tokens")},
	}))
	customer := check(client.V1Customers.Create(ctx, &stripe.CustomerCreateParams{Name: stripe.String("John Doe")}))
	subscription := check(client.V1Subscriptions.Create(ctx, &stripe.SubscriptionCreateParams{
		Customer: stripe.String(customer.ID),
		Items:    []*stripe.SubscriptionCreateItemParams{{Price: stripe.String(price.ID)}},
	}))
	check(client.V1BillingMeterEvents.Create(ctx, &stripe.BillingMeterEventCreateParams{
		EventName: stripe.String("hypernian_tokens"),
		Payload:   map[string]string{"stripe_customer_id": customer.ID, "value": "25"},
	}))
	preview := check(client.V1Invoices.CreatePreview(ctx, &stripe.InvoiceCreatePreviewParams{
		Subscription: stripe.String(subscription.ID),
	}))
	minute := time.Now().Unix() / 60 * 60
	var aggregated float64
	for summary, err := range client.V1BillingMeterEventSummaries.List(ctx, &stripe.BillingMeterEventSummaryListParams{
		ID:        stripe.String(meter.ID),
		Customer:  stripe.String(customer.ID),
		StartTime: stripe.Int64(minute - 600),
		EndTime:   stripe.Int64(minute + 600),
	}).All(ctx) {
		aggregated += check(summary, err).AggregatedValue
	}
	return map[string]any{"total": preview.Total, "aggregated": aggregated}
}
