// The guide's seven steps through Stripe's Java client, against the URL in STRIPE_LOCAL_URL.
import com.google.gson.Gson;
import com.stripe.StripeClient;
import com.stripe.model.Customer;
import com.stripe.model.Price;
import com.stripe.model.Subscription;
import com.stripe.model.billing.Meter;
import com.stripe.model.billing.MeterEventSummary;
import com.stripe.param.CustomerCreateParams;
import com.stripe.param.InvoiceCreatePreviewParams;
import com.stripe.param.PriceCreateParams;
import com.stripe.param.SubscriptionCreateParams;
import com.stripe.param.billing.MeterCreateParams;
import com.stripe.param.billing.MeterEventCreateParams;
import com.stripe.param.billing.MeterEventSummaryListParams;
import com.stripe.service.V1Services;
import java.time.Instant;
import java.util.Map;

class Guide {
  public static void main(String[] args) throws Exception {
    V1Services v1 =
        StripeClient.builder()
            .setApiKey(System.getenv("STRIPE_API_KEY"))
            .setApiBase(System.getenv("STRIPE_LOCAL_URL"))
            .setMaxNetworkRetries(0)
            .build()
            .v1();
    Meter meter =
        v1.billing()
            .meters()
            .create(
                MeterCreateParams.builder()
                    .setDisplayName("Hypernian tokens")
                    .setEventName("hypernian_tokens")
                    .setDefaultAggregation(
                        MeterCreateParams.DefaultAggregation.builder()
                            .setFormula(MeterCreateParams.DefaultAggregation.Formula.SUM)
                            .build())
                    .setCustomerMapping(
                        MeterCreateParams.CustomerMapping.builder()
                            .setEventPayloadKey("stripe_customer_id")
                            .setType(MeterCreateParams.CustomerMapping.Type.BY_ID)
                            .build())
                    .setValueSettings(MeterCreateParams.ValueSettings.builder().setEventPayloadKey("value").build())
                    .build());
    Price price =
        v1.prices()
            .create(
                PriceCreateParams.builder()
                    .setCurrency("usd")
                    .setUnitAmount(4L)
                    .setBillingScheme(PriceCreateParams.BillingScheme.PER_UNIT)
                    .setTransformQuantity(
                        PriceCreateParams.TransformQuantity.builder()
                            .setDivideBy(100L)
                            .setRound(PriceCreateParams.TransformQuantity.Round.UP)
                            .build())
                    .setRecurring(
                        PriceCreateParams.Recurring.builder()
                            .setUsageType(PriceCreateParams.Recurring.UsageType.METERED)
                            .setInterval(PriceCreateParams.Recurring.Interval.MONTH)
                            .setMeter(meter.getId())
                            .build())
                    .setProductData(PriceCreateParams.ProductData.builder().setName("Hypernian tokens").build())
                    .build());
    Customer customer = v1.customers().create(CustomerCreateParams.builder().setName("John Doe").build());
    Subscription subscription =
        v1.subscriptions()
            .create(
                SubscriptionCreateParams.builder()
                    .setCustomer(customer.getId())
                    .addItem(SubscriptionCreateParams.Item.builder().setPrice(price.getId()).build())
                    .build());
    v1.billing()
        .meterEvents()
        .create(
            MeterEventCreateParams.builder()
                .setEventName("hypernian_tokens")
                .putPayload("stripe_customer_id", customer.getId())
                .putPayload("value", "25")
                .build());
    long total =
        v1.invoices()
            .createPreview(InvoiceCreatePreviewParams.builder().setSubscription(subscription.getId()).build())
            .getTotal();
    long minute = Instant.now().getEpochSecond() / 60 * 60;
    double aggregated = 0;
    for (MeterEventSummary summary :
        v1.billing()
            .meters()
            .eventSummaries()
            .list(
                meter.getId(),
                MeterEventSummaryListParams.builder()
                    .setCustomer(customer.getId())
                    .setStartTime(minute - 600)
                    .setEndTime(minute + 600)
                    .build())
            .autoPagingIterable()) {
      aggregated += summary.getAggregatedValue().doubleValue();
    }
    System.out.println(new Gson().toJson(Map.of("total", total, "aggregated", aggregated)));
  }
}
