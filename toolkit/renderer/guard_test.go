package main

import (
	"strings"
	"testing"
)

func bomb() string {
	text := "a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n"
	for i := '1'; i < '7'; i++ {
		above := "*a" + string(i-1)
		text += "a" + string(i) + ": &a" + string(i) + " [" + strings.Repeat(above+",", 9) + above + "]\n"
	}
	return text
}

func TestExcessEndsARender(t *testing.T) {
	for name, file := range map[string]struct{ text, told string }{
		"bomb":  {bomb(), "the aliases of f expand to more than 200000 values"},
		"loop":  {"a: &a [*a]\n", "the aliases of f expand to more than 200000 values"},
		"flow":  {strings.Repeat("[", 300) + strings.Repeat("]", 300), "f nests more than 200 levels"},
		"block": {strings.Repeat("- ", 300) + "x\n", "f nests more than 200 levels"},
		"large": {strings.Repeat("x", maxFile+1), "f has 4194305 bytes; more than 4194304 are not read as YAML"},
	} {
		if text := excessOf(t, func() { guard("f", "no blob of "+name, []byte(file.text)) }); text != file.told {
			t.Errorf("%s: %q", name, text)
		}
	}
}

func TestWhatIsUsualPasses(t *testing.T) {
	for _, text := range []string{
		"", service, "a: &a {b: c}\nd: *a\ne: *a\n", "not: [yaml", "a: |\n" + strings.Repeat(" ", 300) + "x\n",
		"script: \"a && b; ls *\"\n", strings.Repeat("[", 300),
	} {
		if told := excessOf(t, func() { guard("f", text, []byte(text)) }); told != "" {
			t.Errorf("%q: %s", text, told)
		}
	}
}

func TestAnExcessIsNamedOnce(t *testing.T) {
	for path, wanted := range map[string]string{"": "outer has", "known": "known has"} {
		text := excessOf(t, func() {
			panic(named(tooLarge(path, 5), "outer"))
		})
		if !strings.HasPrefix(text, wanted) {
			t.Error(text)
		}
	}
}
