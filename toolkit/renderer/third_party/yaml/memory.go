package yaml

import (
	"bytes"
	"fmt"
	"reflect"
	"sync"

	"go.yaml.in/yaml/v2"
)

// What is not worth remembering, what is too much, and when to begin anew: all in bytes.
const (
	smallText = 200
	largeText = 64 << 10
	fullStore = 4 << 20
)

// store remembers what texts were converted to.
type store struct {
	lock sync.Mutex
	made map[question][]byte
	size int
}

// question is a text and, where that matters, the type that it is read into.
type question struct {
	target reflect.Type
	text   string
}

var asYAML, asJSON store

// of is what a conversion makes of a text; the caller may change what it gets.
func (s *store) of(target reflect.Type, text []byte, convert func() ([]byte, error)) ([]byte, error) {
	if len(text) < smallText || len(text) > largeText {
		return convert()
	}
	s.lock.Lock()
	made, known := s.made[question{target, string(text)}]
	s.lock.Unlock()
	if known {
		return append([]byte(nil), made...), nil
	}
	made, err := convert()
	if err != nil {
		return nil, err
	}
	s.lock.Lock()
	defer s.lock.Unlock()
	if s.made == nil || s.size > fullStore {
		s.made, s.size = map[question][]byte{}, 0
	}
	s.made[question{target, string(text)}] = append([]byte(nil), made...)
	s.size += len(text) + len(made)
	return made, nil
}

// unmarshalRemembered is unmarshal without options, which asks the store for the JSON.
func unmarshalRemembered(yamlBytes []byte, obj interface{}) error {
	target := reflect.ValueOf(obj)
	jsonBytes, err := asJSON.of(target.Type(), yamlBytes, func() ([]byte, error) {
		return yamlToJSONTarget(yamlBytes, &target, yaml.Unmarshal)
	})
	if err != nil {
		return fmt.Errorf("error converting YAML to JSON: %w", err)
	}
	if err := jsonUnmarshal(bytes.NewReader(jsonBytes), obj); err != nil {
		return fmt.Errorf("error unmarshaling JSON: %w", err)
	}
	return nil
}

// remembered tells whether what a text is converted to depends on the type that it is read into, and on nothing else:
// a value that holds something already may have a say, too.
func remembered(obj interface{}, opts []JSONOpt) bool {
	target := reflect.TypeOf(obj)
	return len(opts) == 0 && target != nil && target.Kind() == reflect.Ptr && target.Elem().Kind() == reflect.Struct &&
		!reflect.ValueOf(obj).IsNil() && reflect.ValueOf(obj).Elem().IsZero()
}
