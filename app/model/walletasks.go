package model

import "context"

// A Passphrase asks the user for the passphrase that a wallet program has of its own;
// again is that the program did not take the last answer. It blocks until there is an
// answer or ctx is done.
type Passphrase func(ctx context.Context, again bool) (string, error)

// askPassphrase returns how an order asks. The answer goes from AnswerWallet to who asks
// and is in no State or Event.
func (e *Engine) askPassphrase(emit func(Event)) Passphrase {
	return func(ctx context.Context, again bool) (string, error) {
		answer := make(chan string, 1)
		e.await(answer)
		defer e.await(nil)
		emit(WalletAsked{Again: again})
		select {
		case passphrase := <-answer:
			emit(WalletAnswered{})
			return passphrase, nil
		case <-ctx.Done():
			return "", context.Cause(ctx)
		}
	}
}

func (e *Engine) await(answer chan string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.passphrase = answer
}

// AnswerWallet gives the order that is carried out the passphrase that it waits for. An
// answer that nobody waits for is forgotten.
func (e *Engine) AnswerWallet(passphrase string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	select {
	case e.passphrase <- passphrase: // nil, which takes nothing, where nobody waits
	default:
	}
}
