// Subscribe, change within a period, try, end a trial, cancel: through Stripe's Java client, against the URL in STRIPE_LOCAL_URL.
import com.google.gson.Gson;
import com.stripe.StripeClient;
import com.stripe.exception.InvalidRequestException;
import com.stripe.exception.StripeException;
import com.stripe.model.Customer;
import com.stripe.model.Invoice;
import com.stripe.model.InvoiceLineItem;
import com.stripe.model.Product;
import com.stripe.model.Subscription;
import com.stripe.model.SubscriptionItem;
import com.stripe.param.CustomerCreateParams;
import com.stripe.param.InvoiceCreatePreviewParams;
import com.stripe.param.PriceCreateParams;
import com.stripe.param.ProductCreateParams;
import com.stripe.param.SubscriptionCancelParams;
import com.stripe.param.SubscriptionCreateParams;
import com.stripe.param.SubscriptionUpdateParams;
import com.stripe.service.V1Services;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

class Billing {
  static final String CARD = "pm_card_visa";
  static final String LATEST = "latest_invoice";

  static V1Services v1 =
      StripeClient.builder()
          .setApiKey(System.getenv("STRIPE_API_KEY"))
          .setApiBase(System.getenv("STRIPE_LOCAL_URL"))
          .setMaxNetworkRetries(0)
          .build()
          .v1();

  static String price(Product product, long unitAmount) throws StripeException {
    return v1.prices()
        .create(
            PriceCreateParams.builder()
                .setCurrency("usd")
                .setUnitAmount(unitAmount)
                .setProduct(product.getId())
                .setRecurring(
                    PriceCreateParams.Recurring.builder()
                        .setInterval(PriceCreateParams.Recurring.Interval.MONTH)
                        .build())
                .build())
        .getId();
  }

  static boolean prorated(InvoiceLineItem.Parent parent) {
    return parent.getSubscriptionItemDetails() != null
        ? parent.getSubscriptionItemDetails().getProration()
        : parent.getInvoiceItemDetails().getProration();
  }

  static Map<String, Object> billed(Invoice invoice) {
    List<List<Object>> lines =
        invoice.getLines().getData().stream()
            .map(line -> List.<Object>of(line.getAmount(), prorated(line.getParent())))
            .toList();
    return Map.of("status", invoice.getStatus(), "total", invoice.getTotal(), "lines", lines);
  }

  static Map<String, Object> shown(Subscription subscription) {
    Invoice invoice = subscription.getLatestInvoiceObject();
    return new LinkedHashMap<>(Map.of("status", subscription.getStatus(), "invoice", billed(invoice)));
  }

  static Map<String, Object> refusal(Subscription subscription) throws StripeException {
    try {
      v1.subscriptions()
          .update(
              subscription.getId(),
              SubscriptionUpdateParams.builder()
                  .addItem(SubscriptionUpdateParams.Item.builder().setPrice("price_none").build())
                  .build());
      return Map.of();
    } catch (InvalidRequestException error) {
      return Map.of("status", error.getStatusCode(), "code", error.getCode(), "param", error.getParam());
    }
  }

  public static void main(String[] args) throws StripeException {
    Product product = v1.products().create(ProductCreateParams.builder().setName("Seats").build());
    String basic = price(product, 3000);
    String pro = price(product, 9000);
    Customer customer =
        v1.customers()
            .create(
                CustomerCreateParams.builder()
                    .setPaymentMethod(CARD)
                    .setInvoiceSettings(
                        CustomerCreateParams.InvoiceSettings.builder().setDefaultPaymentMethod(CARD).build())
                    .build());

    Subscription subscribed =
        v1.subscriptions()
            .create(
                SubscriptionCreateParams.builder()
                    .setCustomer(customer.getId())
                    .addItem(SubscriptionCreateParams.Item.builder().setPrice(basic).build())
                    .addExpand(LATEST)
                    .build());
    SubscriptionItem item = subscribed.getItems().getData().get(0);
    long middle = (item.getCurrentPeriodStart() + item.getCurrentPeriodEnd()) / 2;
    Invoice preview =
        v1.invoices()
            .createPreview(
                InvoiceCreatePreviewParams.builder()
                    .setSubscription(subscribed.getId())
                    .setSubscriptionDetails(
                        InvoiceCreatePreviewParams.SubscriptionDetails.builder()
                            .addItem(
                                InvoiceCreatePreviewParams.SubscriptionDetails.Item.builder()
                                    .setId(item.getId())
                                    .setPrice(pro)
                                    .build())
                            .setProrationBehavior(
                                InvoiceCreatePreviewParams.SubscriptionDetails.ProrationBehavior.ALWAYS_INVOICE)
                            .setProrationDate(middle)
                            .build())
                    .build());
    Subscription changed =
        v1.subscriptions()
            .update(
                subscribed.getId(),
                SubscriptionUpdateParams.builder()
                    .addItem(SubscriptionUpdateParams.Item.builder().setId(item.getId()).setPrice(pro).build())
                    .setProrationBehavior(SubscriptionUpdateParams.ProrationBehavior.ALWAYS_INVOICE)
                    .setProrationDate(middle)
                    .addExpand(LATEST)
                    .build());
    Subscription trial =
        v1.subscriptions()
            .create(
                SubscriptionCreateParams.builder()
                    .setCustomer(customer.getId())
                    .addItem(SubscriptionCreateParams.Item.builder().setPrice(basic).build())
                    .setTrialPeriodDays(14L)
                    .addExpand(LATEST)
                    .build());
    Subscription ended =
        v1.subscriptions()
            .update(
                trial.getId(),
                SubscriptionUpdateParams.builder()
                    .setTrialEnd(SubscriptionUpdateParams.TrialEnd.NOW)
                    .addExpand(LATEST)
                    .build());
    Subscription canceled =
        v1.subscriptions()
            .cancel(
                subscribed.getId(),
                SubscriptionCancelParams.builder().setInvoiceNow(true).setProrate(true).addExpand(LATEST).build());
    Map<String, Object> trialing = shown(trial);
    trialing.put("days", (trial.getTrialEnd() - trial.getTrialStart()) / 86400);
    System.out.println(
        new Gson()
            .toJson(
                Map.of(
                    "subscribed", shown(subscribed),
                    "preview", billed(preview),
                    "changed", shown(changed),
                    "trial", trialing,
                    "ended", shown(ended),
                    "canceled", shown(canceled),
                    "refused", refusal(trial))));
  }
}
