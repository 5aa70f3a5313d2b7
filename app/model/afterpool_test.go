package model_test

import (
	"slices"
	"testing"

	"github.com/adit-mining/adit/app/model"
)

func TestALostPoolIsNotedOnce(t *testing.T) {
	for name, away := range map[string][]any{
		"while it mined":   {cut, silent, silent, silent, later(40), silent, later(40), silent},
		"the port at last": {silent, silent, silent, silent, cut, later(40), silent},
	} {
		s := live(first(), append([]any{opened, seen, answered, model.Start{}, started, letIn, hashing, taken}, away...)...)
		s = live(s, answered, letIn)
		var told []model.Happening
		for _, e := range s.History {
			if e.What == model.PoolLost || e.What == model.PoolBack {
				told = append(told, e.What)
			}
		}
		if !slices.Equal(told, []model.Happening{model.PoolLost, model.PoolBack}) {
			t.Errorf("%s: the history says %v, want lost and back, once each", name, told)
		}
	}
}
