// Runs the guide, or what happens to a subscription, through Stripe's Go client, against the URL in STRIPE_LOCAL_URL.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"

	"github.com/stripe/stripe-go/v85"
)

func check[T any](value T, err error) T {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	return value
}

func main() {
	backend := stripe.GetBackendWithConfig(stripe.APIBackend, &stripe.BackendConfig{
		URL:               stripe.String(os.Getenv("STRIPE_LOCAL_URL")),
		MaxNetworkRetries: stripe.Int64(0),
		EnableTelemetry:   stripe.Bool(false),
		LeveledLogger:     &stripe.LeveledLogger{Level: stripe.LevelNull},
	})
	backends := &stripe.Backends{API: backend, Connect: backend, Uploads: backend, MeterEvents: backend}
	client := stripe.NewClient(os.Getenv("STRIPE_API_KEY"), stripe.WithBackends(backends))
	programs := map[string]func(context.Context, *stripe.Client) map[string]any{"guide": guide, "billing": billing}
	_ = json.NewEncoder(os.Stdout).Encode(programs[os.Args[1]](context.Background(), client))
}
