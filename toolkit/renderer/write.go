package main

import (
	"bytes"
	"fmt"

	"sigs.k8s.io/kustomize/api/resmap"
)

// maxList is how many bytes of JSON are told; of more than that the parent reads the YAML.
const maxList = 8 << 20

var nextLine = []byte("\u0085")

// write is resmap.AsYaml, with an end to what it writes; and the same objects as a JSON list, which it makes on its
// way: a parent that wants values need not parse YAML.
func write(objects resmap.ResMap) (text, list []byte, err error) {
	var out, values bytes.Buffer
	long := false
	values.WriteByte('[')
	for i, object := range objects.Resources() {
		value, err := object.MarshalJSON()
		if err != nil {
			return nil, nil, fmt.Errorf("writing %s: %w", object.CurId(), err)
		}
		part, err := toYAML(value) // these two are what resource.AsYAML does, if in another way
		if err != nil {
			return nil, nil, fmt.Errorf("writing %s: %w", object.CurId(), err)
		}
		if i > 0 {
			out.WriteString("---\n")
			values.WriteByte(',')
		}
		out.Write(part)
		// A next-line sign is a blank by the time it stands in the YAML: what is told must be what is written.
		if long = long || values.Len()+len(value) > maxList || bytes.Contains(value, nextLine); !long {
			values.Write(value)
		}
		if out.Len() > maxOutput {
			return nil, nil, fmt.Errorf("it renders to more than %d MiB", maxOutput>>20)
		}
	}
	if long {
		return out.Bytes(), nil, nil
	}
	values.WriteByte(']')
	return out.Bytes(), values.Bytes(), nil
}
