package main

import (
	"context"

	"fyne.io/fyne/v2"

	"github.com/adit-mining/adit/app/model"
	"github.com/adit-mining/adit/app/view"
)

// custody lets the screens ask the engine for what takes time and is secret: it runs
// beside Fyne's goroutine, and the answer comes back on it. What runs belongs to run.
func custody(ctx context.Context, engine *model.Engine, run func(func()), hasWallet func(coin, network string) bool) view.Keys {
	return view.Keys{
		Unlock: func(password string, then func(error)) {
			run(func() { tell(engine.Unlock(ctx, password), then) })
		},
		Words: func(then func([]string, error)) { then(engine.Words()) }, // it is in memory
		Paper: func(s model.Sheet, then func(string, error)) {
			run(func() { tellOf(then)(engine.Paper(ctx, s)) })
		},
		SaveFile: func(folder, password string, then func(string, error)) {
			run(func() { tellOf(then)(engine.SaveFile(ctx, folder, password)) })
		},
		Look: func(text, passphrase string, then func(model.Recovered, error)) {
			run(func() { tellOf(then)(engine.Look(text, passphrase)) })
		},
		LookIn: func(path, passphrase string, then func(model.Recovered, error)) {
			run(func() { tellOf(then)(engine.LookIn(path, passphrase)) })
		},
		Prove: func(r model.Recovered) { engine.Prove(ctx, r) },
		Restore: func(r model.Recovered, then func(string, error)) {
			run(func() { tellOf(then)(engine.Restore(ctx, r)) })
		},
		Renew: func(then func(string, error)) {
			run(func() { tellOf(then)(engine.Renew(ctx)) })
		},
		RenewWords: func(then func(string, error)) {
			run(func() { tellOf(then)(engine.RenewWords(ctx)) })
		},
		Protect: func(password string, then func(error)) {
			run(func() { tell(engine.Protect(ctx, password), then) })
		},
		PayeeFault: payeeFault,
		SetPayee: func(coin, network, address string, then func(error)) {
			run(func() { tell(engine.SetPayee(ctx, coin, network, address), then) })
		},
		SetMinimum: func(url, coin, network, least string, then func(error)) {
			run(func() { tell(engine.SetMinimum(ctx, url, coin, network, least), then) })
		},
		HasWallet:    hasWallet,
		AnswerWallet: engine.AnswerWallet, // it does not wait
		OpenWallet: func(o model.SpendOrder, then func(error)) {
			run(func() { tell(engine.OpenWallet(ctx, o), then) })
		},
		Plan: func(o model.SpendOrder, then func(model.SpendPlan, error)) {
			run(func() { tellOf(then)(engine.PlanSpend(ctx, o)) })
		},
		Send: func(p model.SpendPlan, then func([]string, error)) {
			run(func() { tellOf(then)(engine.Send(ctx, p)) })
		},
	}
}

func tell(err error, then func(error)) { fyne.Do(func() { then(err) }) }

func tellOf[T any](then func(T, error)) func(T, error) {
	return func(v T, err error) { fyne.Do(func() { then(v, err) }) }
}
