package main

import (
	"slices"
	"strings"

	"github.com/google/cel-go/common/ast"
	"github.com/google/cel-go/common/operators"
	"github.com/google/cel-go/common/types"
	"k8s.io/apiserver/pkg/cel/environment"
)

// look is what an expression looks at: the parts of the object in the order of their mention, and whether the
// namespace plays a part. A step is a key, an index, or `each` for any item of a list.
type look struct {
	fields    [][]any
	namespace bool
}

type item struct{}

var each = item{}

const maxFields = 32

func (l look) or(other look) look {
	return look{append(slices.Clone(l.fields), other.fields...), l.namespace || other.namespace}
}

// look reads an expression; of one that does not parse, nothing is known.
func (c *compilation) look(text string) look {
	env, err := c.compiler.Env(environment.StoredExpressions)
	if err != nil {
		return look{}
	}
	parsed, issues := env.Parse(text)
	if issues.Err() != nil {
		return look{}
	}
	r := &reader{known: c.known}
	r.walk(parsed.NativeRep().Expr(), scope{"object": {nil}})
	return r.found
}

// scope is what names stand for: parts of the object.
type scope map[string][][]any

func (s scope) with(name string, parts [][]any) scope {
	out := scope{name: parts}
	for key, value := range s {
		if key != name {
			out[key] = value
		}
	}
	return out
}

type reader struct {
	known map[string]look
	found look
}

func (r *reader) add(parts [][]any) {
	for _, part := range parts {
		if len(part) > 0 && len(r.found.fields) < maxFields {
			r.found.fields = append(r.found.fields, part)
		}
	}
}

// walk notes all that is looked at, in the order of evaluation.
func (r *reader) walk(e ast.Expr, in scope) {
	if parts := r.parts(e, in); len(parts) > 0 {
		r.add(parts)
		return
	}
	switch e.Kind() {
	case ast.IdentKind:
		r.found.namespace = r.found.namespace || e.AsIdent() == "namespaceObject"
	case ast.SelectKind:
		if operand := e.AsSelect().Operand(); operand.Kind() == ast.IdentKind && operand.AsIdent() == "variables" {
			r.found = r.found.or(r.known[e.AsSelect().FieldName()])
			return
		}
		r.walk(e.AsSelect().Operand(), in)
	case ast.CallKind:
		call := e.AsCall()
		if call.IsMemberFunction() {
			r.walk(call.Target(), in)
		}
		if call.FunctionName() == operators.In && len(call.Args()) == 2 {
			if key, ok := constant(call.Args()[0]); ok {
				r.add(extended(r.parts(call.Args()[1], in), key))
				return
			}
		}
		for _, argument := range call.Args() {
			r.walk(argument, in)
		}
	case ast.ListKind:
		for _, element := range e.AsList().Elements() {
			r.walk(element, in)
		}
	case ast.MapKind:
		for _, entry := range e.AsMap().Entries() {
			r.walk(entry.AsMapEntry().Value(), in)
		}
	case ast.ComprehensionKind:
		loop := e.AsComprehension()
		r.walk(loop.IterRange(), in)
		inner := r.inside(loop, in)
		r.walk(loop.LoopStep(), inner)
		r.walk(loop.Result(), inner)
	}
}

func (r *reader) inside(loop ast.ComprehensionExpr, in scope) scope {
	inner := in.with(loop.AccuVar(), nil)
	if loop.HasIterVar2() {
		return inner.with(loop.IterVar(), nil).with(loop.IterVar2(), r.elements(loop.IterRange(), in))
	}
	return inner.with(loop.IterVar(), r.elements(loop.IterRange(), in))
}

// parts are the parts of the object that an expression may stand for; none where it is something else.
func (r *reader) parts(e ast.Expr, in scope) [][]any {
	switch e.Kind() {
	case ast.IdentKind:
		return in[e.AsIdent()]
	case ast.SelectKind:
		selected := e.AsSelect()
		return extended(r.parts(selected.Operand(), in), selected.FieldName())
	case ast.CallKind:
		call := e.AsCall()
		switch call.FunctionName() {
		case operators.Index, operators.OptIndex, operators.OptSelect:
			if key, ok := constant(call.Args()[1]); ok {
				return extended(r.parts(call.Args()[0], in), key)
			}
		case "orValue", "or", "value":
			if call.IsMemberFunction() {
				return r.parts(call.Target(), in)
			}
		}
	}
	return nil
}

// elements are the parts of the object that the items of a list stand for.
func (r *reader) elements(e ast.Expr, in scope) [][]any {
	switch e.Kind() {
	case ast.CallKind:
		call := e.AsCall()
		switch call.FunctionName() {
		case operators.Add:
			return append(r.elements(call.Args()[0], in), r.elements(call.Args()[1], in)...)
		case operators.Conditional:
			return append(r.elements(call.Args()[1], in), r.elements(call.Args()[2], in)...)
		}
	case ast.ComprehensionKind: // map and filter gather a list
		loop := e.AsComprehension()
		if gathered := appended(loop.LoopStep()); gathered != nil {
			return r.parts(gathered, r.inside(loop, in))
		}
	case ast.SelectKind:
		if operand := e.AsSelect().Operand(); operand.Kind() == ast.IdentKind && operand.AsIdent() == "variables" {
			var out [][]any
			for _, field := range r.known[e.AsSelect().FieldName()].fields {
				out = append(out, extended([][]any{field}, each)...)
			}
			return out
		}
	}
	return extended(r.parts(e, in), each)
}

// appended is what a loop's step adds to its list.
func appended(step ast.Expr) ast.Expr {
	if step.Kind() != ast.CallKind {
		return nil
	}
	call := step.AsCall()
	switch call.FunctionName() {
	case operators.Conditional:
		return appended(call.Args()[1])
	case operators.Add:
		if list := call.Args()[1]; list.Kind() == ast.ListKind && len(list.AsList().Elements()) == 1 {
			return list.AsList().Elements()[0]
		}
	}
	return nil
}

func constant(e ast.Expr) (any, bool) {
	if e.Kind() != ast.LiteralKind {
		return nil, false
	}
	switch value := e.AsLiteral().(type) {
	case types.String:
		return string(value), true
	case types.Int:
		return int(value), true
	}
	return nil, false
}

func extended(parts [][]any, step any) [][]any {
	out := make([][]any, 0, len(parts))
	for _, part := range parts {
		if len(part) < maxFields {
			out = append(out, append(slices.Clip(slices.Clone(part)), step))
		}
	}
	return out
}

// ranked puts the most telling part first: one that the message names, then the last that is looked at; what an
// object is called comes at the end, because it is mostly asked about to let some objects pass.
func ranked(fields [][]any, message string) [][]any {
	out := make([][]any, 0, len(fields))
	for i := len(fields) - 1; i >= 0; i-- {
		if !slices.ContainsFunc(out, func(other []any) bool { return slices.Equal(other, fields[i]) }) {
			out = append(out, fields[i])
		}
	}
	rank := func(field []any) int {
		name, _ := field[len(field)-1].(string)
		switch {
		case len(name) > 2 && strings.Contains(message, name):
			return 0
		case field[0] == "metadata" && len(field) < 3, field[0] == "kind", field[0] == "apiVersion":
			return 2
		}
		return 1
	}
	slices.SortStableFunc(out, func(a, b []any) int { return rank(a) - rank(b) })
	return out
}
