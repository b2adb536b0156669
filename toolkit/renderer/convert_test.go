package main

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"sigs.k8s.io/yaml"
)

// hard are values that YAML and JSON see with different eyes.
var hard = []string{
	`{}`, `[]`, `null`, `true`, `""`, `0`, `-0`, `1`, `-7`, `1.0`, `1.5`, `1e5`, `1e+21`, `123456789012345`, `9223372036854775807`,
	`9223372036854775808`, `18446744073709551616`, `-9223372036854775809`, `0.1`, `{"a":{"b":[1,"2",null,true,{}]}}`,
	`{"<<":{"a":1}}`, `{"y":"n","on":"off","~":"null","1":"01","0x1":"1_000","1:30":"2001-01-01"}`, `["=","<<","!a","&a","*a","- a","a: b","# a"]`,
	`"a\nb"`, `"a\n\n"`, `" a "`, `"a\tb"`, `"\r\n"`, `"\u0000"`, `"\u0007"`, `"\u001b"`, `"\u007f"`, `"\u0085"`, `"\u00a0"`, `"\u2028"`, `"\ufeff"`, `"\ufffd"`, `"\ud83d\ude00"`,
	`"<>&"`, `"\"\\/"`, `"ä😀"`, `{"` + strings.Repeat("k", 200) + `":1}`, `{"` + strings.Repeat("k", 2000) + `":1}`, `"` + strings.Repeat("x y ", 100) + `"`,
	`{"b":1,"a":2,"a10":1,"a9":2,"A":3}`,
}

// canonical is the text as encoding/json would have written it, which is all that toYAML is ever given.
func canonical(text string) ([]byte, bool) {
	decoder := json.NewDecoder(strings.NewReader(text))
	decoder.UseNumber()
	var value any
	if decoder.Decode(&value) != nil {
		return nil, false
	}
	written, err := json.Marshal(value)
	return written, err == nil
}

func same(t *testing.T, text []byte) {
	t.Helper()
	got, gotErr := toYAML(text)
	want, wantErr := yaml.JSONToYAML(text)
	if string(got) != string(want) || fmt.Sprint(gotErr) != fmt.Sprint(wantErr) {
		t.Errorf("%s:\n%q %v\n%q %v", text, got, gotErr, want, wantErr)
	}
}

func TestJSONBecomesTheYAMLThatAParserOfYAMLMakesOfIt(t *testing.T) {
	for _, text := range hard {
		written, ok := canonical(text)
		if !ok {
			t.Fatalf("%s is no JSON", text)
		}
		same(t, written)
		same(t, []byte(text))
	}
}

func FuzzToYAML(f *testing.F) {
	for _, text := range hard {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if written, ok := canonical(text); ok {
			same(t, written)
		}
	})
}

// settings has each kind of field that a text may be read into.
type settings struct {
	Name   string            `json:"name"`
	Count  int               `json:"count"`
	Ready  *bool             `json:"ready"`
	Labels map[string]string `json:"labels"`
	Specs  []struct {
		Path   string `json:"path"`
		Create bool   `json:"create"`
	} `json:"specs"`
	Any any `json:"any"`
}

const long = "# " + "a text that is long enough to be remembered, " + "a text that is long enough to be remembered, " +
	"a text that is long enough to be remembered, a text that is long enough to be remembered, which it is by now\n"

func TestWhatIsRememberedIsWhatWouldBeConvertedAgain(t *testing.T) {
	plain := func(d *json.Decoder) *json.Decoder { return d } // with an option, nothing is remembered
	for _, text := range []string{
		"name: 1.10\ncount: 3\nready: yes\nlabels: {a: 1, b: true, c: x}\nspecs: [{path: a/b, create: on}]\nany: {1: 2}\n",
		"name: null\nready: null\nlabels: null\nspecs: []\n", "NAME: x\nnone: 1\n", "count: four\n", "a: [\n", "- a\n", "",
	} {
		for range 3 {
			var got, want settings
			gotErr, wantErr := yaml.Unmarshal([]byte(long+text), &got), yaml.Unmarshal([]byte(long+text), &want, plain)
			if !reflect.DeepEqual(got, want) || fmt.Sprint(gotErr) != fmt.Sprint(wantErr) {
				t.Errorf("%q: %+v %v, not %+v %v", text, got, gotErr, want, wantErr)
			}
			var table map[string]any // a value of another type is read for itself
			if err := yaml.Unmarshal([]byte(long+text), &table); err == nil && len(table) > 0 && table["name"] == "1.10" {
				t.Errorf("%q was read as if into a struct", text)
			}
		}
	}
}

func TestWhoChangesWhatIsRememberedChangesItForNobodyElse(t *testing.T) {
	value := map[string]string{"a": strings.Repeat("x", 300)}
	want, _ := yaml.Marshal(value)
	first := string(want)
	for range 3 {
		got, err := yaml.Marshal(value)
		if err != nil || string(got) != first {
			t.Fatalf("%q %v", got, err)
		}
		for i := range got {
			got[i] = '!'
		}
	}
	for i := range want {
		want[i] = '?'
	}
	if got, _ := yaml.Marshal(value); string(got) != first {
		t.Fatalf("%q", got)
	}
}

func TestMoreThanTheStoreHoldsIsStillConverted(t *testing.T) {
	for i := range 400 {
		value := map[string]string{fmt.Sprint(i): strings.Repeat("y", 30_000)}
		got, err := yaml.Marshal(value)
		if err != nil || !strings.HasPrefix(string(got), fmt.Sprintf("%q: yyy", fmt.Sprint(i))) {
			t.Fatalf("%.40q %v", got, err)
		}
	}
}
