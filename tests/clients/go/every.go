package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"reflect"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/stripe/stripe-go/v85"
	"github.com/stripe/stripe-go/v85/rawrequest"
)

// A call that a line of input names, with all that it needs.
type call struct {
	Method, Template, Key string
	Ids                   []string
	Params                map[string]any
}

// How a call went: by which method, what is wrong with the answer, or how it was refused.
type outcome struct {
	Method string          `json:"method,omitempty"`
	Answer json.RawMessage `json:"answer,omitempty"`
	Faults []string        `json:"faults"`
	Error  *refusal        `json:"error,omitempty"`
}

type refusal struct {
	Kind    string `json:"kind"`
	Status  int    `json:"status"`
	Message string `json:"message"`
}

// The transport notes where a request goes and what comes back; it sends nothing while methods are looked for.
type transport struct {
	looking bool
	place   string
	body    []byte
}

func (t *transport) RoundTrip(request *http.Request) (*http.Response, error) {
	t.place = request.Method + " " + request.URL.Path
	if t.looking {
		return nil, errors.New("not sent")
	}
	response, err := http.DefaultTransport.RoundTrip(request)
	if err == nil {
		t.body, err = io.ReadAll(response.Body)
		response.Body = io.NopCloser(bytes.NewReader(t.body))
	}
	return response, err
}

// A method of a service, and from where its path has each of its ids: the number of an argument, or the name of a field.
type method struct {
	service, name string
	ids           []string
}

func (m method) on(client *stripe.Client) reflect.Value {
	return reflect.ValueOf(client).Elem().FieldByName(m.service).MethodByName(m.name)
}

// The call's arguments: ids, and parameters in the method's own type.
func (m method) arguments(function reflect.Value, ids []string, params map[string]any) ([]reflect.Value, error) {
	given := map[string]string{}
	for index, source := range m.ids {
		given[source] = ids[index]
	}
	arguments := []reflect.Value{reflect.ValueOf(context.Background())}
	for index := 1; index < function.Type().NumIn(); index++ {
		kind := function.Type().In(index)
		if kind.Kind() == reflect.String {
			arguments = append(arguments, reflect.ValueOf(given[fmt.Sprintf("argument%d", index)]))
			continue
		}
		made := reflect.New(kind.Elem())
		for source, id := range given {
			if field := made.Elem().FieldByName(source); field.IsValid() {
				field.Set(reflect.ValueOf(&id))
			}
		}
		if err := fill(made.Elem(), params, "params"); err != nil {
			return nil, err
		}
		arguments = append(arguments, made)
	}
	return arguments, nil
}

var source = regexp.MustCompile(`argument\d|field[A-Z]\w*`)

// The client's methods by where they go, found by a call of each that is not sent.
func methods(client *stripe.Client, t *transport) map[string]method {
	t.looking = true
	defer func() { t.looking = false }()
	found := map[string]method{}
	services := reflect.ValueOf(client).Elem()
	for number := 0; number < services.NumField(); number++ {
		service := services.Type().Field(number).Name
		if !strings.HasPrefix(service, "V1") && !strings.HasPrefix(service, "V2") {
			continue
		}
		for index := 0; index < services.Field(number).NumMethod(); index++ {
			name := services.Field(number).Type().Method(index).Name
			// Some go elsewhere without a field, such as that of a customer.
			for _, with := range []bool{true, false} {
				t.place = ""
				function := services.Field(number).Method(index)
				function.Call(placeholders(function.Type(), with))
				var ids []string
				template := source.ReplaceAllStringFunc(t.place, func(id string) string {
					ids = append(ids, strings.TrimPrefix(id, "field"))
					return "{}"
				})
				if _, known := found[template]; !known {
					found[template] = method{service, name, ids}
				}
			}
		}
	}
	return found
}

// Arguments that show in a path where they come from.
func placeholders(function reflect.Type, withFields bool) []reflect.Value {
	arguments := []reflect.Value{reflect.ValueOf(context.Background())}
	for place := 1; place < function.NumIn(); place++ {
		kind := function.In(place)
		if kind.Kind() == reflect.String {
			arguments = append(arguments, reflect.ValueOf(fmt.Sprintf("argument%d", place)))
			continue
		}
		params := reflect.New(kind.Elem())
		arguments = append(arguments, params)
		for _, field := range reflect.VisibleFields(kind.Elem()) {
			if withFields && len(field.Index) == 1 && field.Tag.Get("form") == "-" && field.Type == reflect.TypeOf((*string)(nil)) {
				params.Elem().FieldByIndex(field.Index).Set(reflect.ValueOf(stripe.String("field" + field.Name)))
			}
		}
	}
	return arguments
}

// Sets a value of the client's own types from JSON; what the types do not have is an error.
func fill(value reflect.Value, given any, path string) error {
	text := fmt.Sprint(given)
	var err error
	switch value.Kind() {
	case reflect.Pointer:
		value.Set(reflect.New(value.Type().Elem()))
		return fill(value.Elem(), given, path)
	case reflect.String:
		value.SetString(text)
	case reflect.Bool:
		var parsed bool
		parsed, err = strconv.ParseBool(text)
		value.SetBool(parsed)
	case reflect.Int64:
		var parsed int64
		parsed, err = strconv.ParseInt(text, 10, 64)
		value.SetInt(parsed)
	case reflect.Float64:
		var parsed float64
		parsed, err = strconv.ParseFloat(text, 64)
		value.SetFloat(parsed)
	case reflect.Slice:
		for index, one := range given.([]any) {
			element := reflect.New(value.Type().Elem()).Elem()
			if err := fill(element, one, fmt.Sprintf("%s[%d]", path, index)); err != nil {
				return err
			}
			value.Set(reflect.Append(value, element))
		}
	case reflect.Map:
		value.Set(reflect.MakeMap(value.Type()))
		for name, one := range given.(map[string]any) {
			element := reflect.New(value.Type().Elem()).Elem()
			if err := fill(element, one, path+"."+name); err != nil {
				return err
			}
			value.SetMapIndex(reflect.ValueOf(name), element)
		}
	case reflect.Struct:
		if moment, ok := value.Addr().Interface().(*time.Time); ok {
			*moment, err = time.Parse(time.RFC3339, text)
			break
		}
		for name, one := range given.(map[string]any) {
			if err := set(value, name, one, path+"."+name); err != nil {
				return err
			}
		}
	default:
		err = fmt.Errorf("a %s is not filled here", value.Type())
	}
	if err != nil {
		err = fmt.Errorf("%s: %w", path, err)
	}
	return err
}

// The field that a tag gives this name, in the struct or in what it embeds.
func named(value reflect.Value, tag, name string) (reflect.Value, bool) {
	for _, field := range reflect.VisibleFields(value.Type()) {
		if !field.Anonymous && strings.Split(field.Tag.Get(tag), ",")[0] == name {
			return value.FieldByIndex(field.Index), true
		}
	}
	return reflect.Value{}, false
}

// Sets the field of parameters that has this name; where a moment may be a word, that is a field of its own.
func set(params reflect.Value, name string, given any, path string) error {
	for _, tag := range []string{"form", "json"} {
		for _, field := range reflect.VisibleFields(params.Type()) {
			if field.Anonymous || strings.Split(field.Tag.Get(tag), ",")[0] != name {
				continue
			}
			if word := params.FieldByName(field.Name + "Now"); given == "now" && word.IsValid() {
				return fill(word, true, path)
			}
			return fill(params.FieldByIndex(field.Index), given, path)
		}
	}
	return fmt.Errorf("%s: %s does not have it", path, params.Type())
}

// What of a decoded answer is not as it was sent: a field that the type does not have, or a value that got lost or changed.
func faults(sent any, value reflect.Value, path string, found *[]string) {
	if sent == nil {
		return
	}
	for value.Kind() == reflect.Pointer || value.Kind() == reflect.Interface {
		if value.IsNil() {
			*found = append(*found, path+": is lost")
			return
		}
		value = value.Elem()
	}
	if value.Type() == reflect.TypeOf(json.RawMessage{}) {
		return
	}
	text, isText := sent.(string)
	switch value.Kind() {
	case reflect.Struct:
		if moment, ok := value.Interface().(time.Time); ok {
			if parsed, err := time.Parse(time.RFC3339, text); err != nil || !parsed.Equal(moment) {
				*found = append(*found, fmt.Sprintf("%s: %v is %v", path, sent, moment))
			}
			return
		}
		fields, isObject := sent.(map[string]any)
		if isText { // an object that is not expanded
			id := value.FieldByName("ID")
			if !id.IsValid() || id.String() != text {
				*found = append(*found, path+": is lost")
			}
			return
		}
		if !isObject {
			*found = append(*found, fmt.Sprintf("%s: %v is no %s", path, sent, value.Type()))
			return
		}
		for name, one := range fields {
			if field, ok := named(value, "json", name); ok {
				faults(one, field, path+"."+name, found)
			} else {
				*found = append(*found, fmt.Sprintf("%s.%s: is not declared", path, name))
			}
		}
	case reflect.Slice:
		list, isList := sent.([]any)
		if !isList || len(list) != value.Len() {
			*found = append(*found, fmt.Sprintf("%s: %v is %d long", path, sent, value.Len()))
			return
		}
		for index, one := range list {
			faults(one, value.Index(index), path+"[]", found)
		}
	case reflect.Map:
		for name, one := range sent.(map[string]any) {
			if value.Type().Elem().Kind() != reflect.Interface {
				faults(one, value.MapIndex(reflect.ValueOf(name)), path+"."+name, found)
			}
		}
	case reflect.Float64:
		if parsed, err := strconv.ParseFloat(fmt.Sprint(sent), 64); err != nil || parsed != value.Float() {
			*found = append(*found, fmt.Sprintf("%s: %v is %v", path, sent, value))
		}
	default:
		if fmt.Sprint(sent) != fmt.Sprint(value) {
			*found = append(*found, fmt.Sprintf("%s: %v is %v", path, sent, value))
		}
	}
}

func decoded(text []byte) (any, error) {
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	var value any
	return value, decoder.Decode(&value)
}

// Makes a call, and judges its answer.
func made(client *stripe.Client, t *transport, by method, wanted call) ([]string, error) {
	function := by.on(client)
	arguments, err := by.arguments(function, wanted.Ids, wanted.Params)
	if err != nil {
		return nil, err
	}
	results := function.Call(arguments)
	if err, ok := results[len(results)-1].Interface().(error); ok && err != nil {
		return nil, err
	}
	sent, err := decoded(t.body)
	found := []string{}
	if err != nil || len(results) == 1 && results[0].Type().Name() == "error" {
		return found, err
	}
	if listed := results[0].MethodByName("Data"); len(results) == 1 && listed.IsValid() {
		if err, ok := results[0].MethodByName("Err").Call(nil)[0].Interface().(error); ok && err != nil {
			return nil, err
		}
		faults(sent.(map[string]any)["data"], listed.Call(nil)[0], "data", &found)
	} else {
		faults(sent, results[0], "", &found)
	}
	return found, nil
}

// Makes each call that a line of input names by the method of Stripe's Go client that goes there, and says what is wrong with it.
func every() {
	t := &transport{}
	client := &http.Client{Transport: t}
	known := methods(connect("sk_test_none", client), t)
	lines := bufio.NewReader(os.Stdin)
	for {
		line, err := lines.ReadBytes('\n')
		if err != nil {
			return
		}
		decoder := json.NewDecoder(bytes.NewReader(line))
		decoder.UseNumber()
		var wanted call
		check(wanted, decoder.Decode(&wanted))
		came := outcome{Faults: []string{}}
		var found []string
		if by, ok := known[wanted.Method+" "+wanted.Template]; ok {
			came.Method = by.service + "." + by.name
			found, err = made(connect(wanted.Key, client), t, by, wanted)
		} else {
			path := wanted.Template
			for _, id := range wanted.Ids {
				path = strings.Replace(path, "{}", id, 1)
			}
			raw := rawrequest.Client{B: backend(client).(stripe.RawRequestBackend), Key: wanted.Key}
			_, err = raw.RawRequest(wanted.Method, path, "", nil)
		}
		var refused *stripe.Error
		if errors.As(err, &refused) {
			came.Error = &refusal{fmt.Sprintf("%T", err), refused.HTTPStatusCode, refused.Msg}
		} else if err != nil {
			came.Error = &refusal{fmt.Sprintf("%T", err), 0, err.Error()}
		} else {
			came.Answer, came.Faults = t.body, append(came.Faults, found...)
		}
		_ = json.NewEncoder(os.Stdout).Encode(came)
	}
}
