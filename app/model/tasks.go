package model

import (
	"context"
	"sync"
)

// taskKind names work that runs beside the engine's loop; of each kind there is
// one at a time. That there is one mining program on a device is owed to this.
type taskKind int

const (
	openKey taskKind = iota
	detect
	sense
	ask
	report
	save
	backup
	mine
)

// task is work that the state asks for. spec tells it from another of its kind
// and is comparable; when it changes, the old work is stopped before the new one
// starts.
type task struct {
	kind taskKind
	spec any
	work func(ctx context.Context, emit func(Event))
}

type running struct {
	spec   any
	cancel context.CancelFunc
}

type taskDone struct{ kind taskKind }

// tasks are those that run. They belong to the engine's loop.
type tasks struct {
	run   map[taskKind]running
	group sync.WaitGroup
}

// reconcile makes the running tasks those that s asks for. What is stopped here
// goes on until it says that it is done; only then its kind is free again.
func (e *Engine) reconcile(ctx context.Context, t *tasks, s State) {
	wanted := map[taskKind]task{}
	for _, w := range e.wanted(s) {
		wanted[w.kind] = w
	}
	for kind, r := range t.run {
		if w, ok := wanted[kind]; !ok || w.spec != r.spec {
			r.cancel()
		}
	}
	for kind, w := range wanted {
		if _, busy := t.run[kind]; !busy {
			e.launch(ctx, t, w)
		}
	}
}

func (e *Engine) launch(ctx context.Context, t *tasks, w task) {
	taskCtx, cancel := context.WithCancel(ctx)
	t.run[w.kind] = running{spec: w.spec, cancel: cancel}
	emit := func(ev Event) { e.Do(ctx, ev) } // even when the task is cancelled: its end is news
	t.group.Go(func() {
		w.work(taskCtx, emit)
		select {
		case e.done <- taskDone{w.kind}:
		case <-ctx.Done():
		}
	})
}

func (t *tasks) ended(d taskDone) {
	t.run[d.kind].cancel()
	delete(t.run, d.kind)
}

// wait returns when every task is gone. Their context is done by then.
func (t *tasks) wait() {
	t.group.Wait()
	for _, r := range t.run {
		r.cancel()
	}
}
