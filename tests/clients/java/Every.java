// Makes each call that a line of input names by the method of Stripe's Java client that goes there, and says what is wrong with the answer.
import com.google.gson.ExclusionStrategy;
import com.google.gson.FieldAttributes;
import com.google.gson.Gson;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import com.google.gson.JsonSerializer;
import com.google.gson.ToNumberPolicy;
import com.stripe.StripeClient;
import com.stripe.exception.ApiConnectionException;
import com.stripe.exception.StripeException;
import com.stripe.model.StripeObject;
import com.stripe.net.ApiMode;
import com.stripe.net.ApiRequestParams;
import com.stripe.net.ApiResource;
import com.stripe.net.ApiResource.RequestMethod;
import com.stripe.net.ApiService;
import com.stripe.net.HttpURLConnectionClient;
import com.stripe.net.StripeRequest;
import com.stripe.net.StripeResponse;
import com.stripe.net.StripeResponseGetter;
import com.stripe.net.StripeResponseStream;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

class Every {
  static final Gson GSON = ApiResource.GSON.newBuilder().setObjectToNumberStrategy(ToNumberPolicy.LONG_OR_DOUBLE).create();

  // An answer as it was kept; exact numbers and moments are told from words.
  static final Gson KEPT =
      StripeObject.PRETTY_PRINT_GSON
          .newBuilder()
          .registerTypeAdapter(BigDecimal.class, (JsonSerializer<BigDecimal>) (number, kind, context) -> marked("number", number))
          .registerTypeAdapter(Instant.class, (JsonSerializer<Instant>) (moment, kind, context) -> marked("moment", moment))
          .addSerializationExclusionStrategy(
              new ExclusionStrategy() {
                public boolean shouldSkipField(FieldAttributes field) {
                  return false;
                }

                public boolean shouldSkipClass(Class<?> kind) {
                  return StripeResponseGetter.class.isAssignableFrom(kind);
                }
              })
          .create();

  static JsonObject marked(String what, Object value) {
    JsonObject marked = new JsonObject();
    marked.addProperty(what, value.toString());
    return marked;
  }

  static boolean same(JsonElement sent, JsonElement kept) {
    if (!sent.isJsonPrimitive() || !kept.isJsonObject()) return sent.equals(kept);
    if (kept.getAsJsonObject().has("number"))
      return new BigDecimal(kept.getAsJsonObject().get("number").getAsString()).compareTo(sent.getAsBigDecimal()) == 0;
    return Instant.parse(kept.getAsJsonObject().get("moment").getAsString()).equals(Instant.parse(sent.getAsString()));
  }

  // Notes where a request goes and what comes back; sends nothing while methods are looked for.
  static class Transport extends HttpURLConnectionClient {
    boolean looking;
    String place;
    String body;

    @Override
    public StripeResponse request(StripeRequest request) throws ApiConnectionException {
      StripeResponse response = super.request(request);
      body = response.body();
      return response;
    }

    @Override
    public StripeResponseStream requestStream(StripeRequest request) throws ApiConnectionException {
      place = request.method() + " " + request.url().getPath();
      if (looking) throw new ApiConnectionException("not sent");
      return super.requestStream(request);
    }
  }

  static final Transport TRANSPORT = new Transport();

  // A method of a service, and how the client leads to the service.
  record Found(List<Method> way, Method method) {
    Object call(StripeClient client, List<String> ids, JsonObject params) throws ReflectiveOperationException {
      Object service = client;
      for (Method step : way) service = step.invoke(service);
      List<Object> arguments = new ArrayList<>(ids);
      for (Class<?> kind : method.getParameterTypes())
        if (kind != String.class) arguments.add(parameters(kind, params));
      return method.invoke(service, arguments.toArray());
    }

    String name() {
      StringBuilder name = new StringBuilder();
      for (Method step : way) name.append(step.getName()).append("().");
      return name + method.getName();
    }
  }

  // The parameters in the method's own type; what the type does not have is an error.
  static Object parameters(Class<?> kind, JsonObject given) {
    ApiRequestParams made = (ApiRequestParams) GSON.fromJson(given, kind);
    List<String> lost = new ArrayList<>();
    faults(given, GSON.toJsonTree(made.toMap()), "params", lost);
    if (!lost.isEmpty()) throw new IllegalArgumentException(kind.getName() + ": " + lost);
    return made;
  }

  // The client's methods by where they go, found by a call of each that is not sent.
  static void find(StripeClient client, Object service, List<Method> way, Map<String, Found> found) throws ReflectiveOperationException {
    Map<String, Method> methods = new HashMap<>();
    for (Method method : service.getClass().getMethods()) {
      if (method.getDeclaringClass() != service.getClass()) continue;
      List<Class<?>> kinds = Arrays.asList(method.getParameterTypes());
      if (kinds.isEmpty() && ApiService.class.isAssignableFrom(method.getReturnType())) {
        List<Method> further = new ArrayList<>(way);
        further.add(method);
        find(client, method.invoke(service), further, found);
      } else if (kinds.stream().allMatch(kind -> kind == String.class || ApiRequestParams.class.isAssignableFrom(kind))) {
        methods.merge(method.getName(), method, (one, other) -> one.getParameterCount() > other.getParameterCount() ? one : other);
      }
    }
    for (Method method : methods.values()) {
      Found one = new Found(way, method);
      List<String> ids = new ArrayList<>();
      for (Class<?> kind : method.getParameterTypes()) if (kind == String.class) ids.add("id" + ids.size());
      TRANSPORT.place = null;
      try {
        one.call(client, ids, new JsonObject());
      } catch (InvocationTargetException expected) {
        // It is not sent.
      }
      if (TRANSPORT.place != null) found.putIfAbsent(TRANSPORT.place.replaceAll("\\bid\\d\\b", "{}"), one);
    }
  }

  static StripeClient connect(String key) {
    String url = System.getenv("STRIPE_LOCAL_URL");
    return StripeClient.builder()
        .setApiKey(key)
        .setApiBase(url)
        .setMeterEventsBase(url)
        .setMaxNetworkRetries(0)
        .setHttpClient(TRANSPORT)
        .build();
  }

  // What of `sent` is not in `kept`, or is something else there.
  static void faults(JsonElement sent, JsonElement kept, String path, List<String> found) {
    if (sent.isJsonNull()) return;
    if (kept == null || kept.isJsonNull()) {
      found.add(path + ": is not declared");
    } else if (sent.isJsonObject() && kept.isJsonObject()) {
      for (String name : sent.getAsJsonObject().keySet())
        faults(sent.getAsJsonObject().get(name), kept.getAsJsonObject().get(name), path + "." + name, found);
    } else if (sent.isJsonArray() && kept.isJsonArray() && sent.getAsJsonArray().size() == kept.getAsJsonArray().size()) {
      for (int index = 0; index < sent.getAsJsonArray().size(); index++)
        faults(sent.getAsJsonArray().get(index), kept.getAsJsonArray().get(index), path + "[]", found);
    } else if (!same(sent, kept)) {
      found.add(path + ": " + sent + " is " + kept);
    }
  }

  public static void main(String[] given) throws Exception {
    Map<String, Found> known = new HashMap<>();
    TRANSPORT.looking = true;
    StripeClient unsent = connect("sk_test_none");
    find(unsent, unsent.v1(), List.of(StripeClient.class.getMethod("v1")), known);
    find(unsent, unsent.v2(), List.of(StripeClient.class.getMethod("v2")), known);
    TRANSPORT.looking = false;
    BufferedReader lines = new BufferedReader(new InputStreamReader(System.in));
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      JsonObject wanted = JsonParser.parseString(line).getAsJsonObject();
      Map<String, Object> told = new HashMap<>();
      List<String> found = new ArrayList<>();
      told.put("faults", found);
      String method = wanted.get("method").getAsString(), path = wanted.get("template").getAsString();
      List<String> ids = new ArrayList<>();
      for (JsonElement id : wanted.getAsJsonArray("ids")) ids.add(id.getAsString());
      StripeClient client = connect(wanted.get("key").getAsString());
      Found by = known.get(method + " " + path);
      try {
        Object answer;
        if (by != null) {
          told.put("method", by.name());
          answer = by.call(client, ids, wanted.getAsJsonObject("params"));
        } else {
          for (String id : ids) path = path.replaceFirst("\\{\\}", id);
          answer = client.deserialize(client.rawRequest(RequestMethod.valueOf(method), path, method.equals("GET") ? null : "").body(), ApiMode.V1);
        }
        JsonElement sent = JsonParser.parseString(TRANSPORT.body);
        told.put("answer", sent);
        if (answer != null) faults(sent, KEPT.toJsonTree(answer), "", found);
      } catch (InvocationTargetException | IllegalArgumentException failed) {
        Throwable error = failed instanceof InvocationTargetException ? failed.getCause() : failed;
        Integer status = error instanceof StripeException ? ((StripeException) error).getStatusCode() : null;
        told.put("error", Map.of("kind", error.getClass().getName(), "status", status == null ? 0 : status, "message", error.getMessage() + ""));
      }
      System.out.println(new Gson().toJson(told));
      System.out.flush();
    }
  }
}
