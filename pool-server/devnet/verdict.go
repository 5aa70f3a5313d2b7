package devnet

import (
	"github.com/btcsuite/btcd/blockchain"
)

// ruleReason is Bitcoin Core's word for a broken consensus rule: what submitblock
// answers, and how sendrawtransaction's messages begin.
func ruleReason(e blockchain.RuleError) string {
	if reason := headerReason(e.ErrorCode); reason != "" {
		return reason
	}
	if reason := blockReason(e.ErrorCode); reason != "" {
		return reason
	}
	if reason := transactionReason(e.ErrorCode); reason != "" {
		return reason
	}
	return "rejected: " + e.Description
}

func headerReason(code blockchain.ErrorCode) string {
	switch code {
	case blockchain.ErrDuplicateBlock:
		return "duplicate"
	case blockchain.ErrKnownInvalidBlock:
		return "duplicate-invalid"
	case blockchain.ErrBlockVersionTooOld:
		return "bad-version"
	case blockchain.ErrTimeTooOld:
		return "time-too-old"
	case blockchain.ErrTimeTooNew:
		return "time-too-new"
	case blockchain.ErrTimewarpAttack:
		return "time-timewarp-attack"
	case blockchain.ErrDifficultyTooLow, blockchain.ErrUnexpectedDifficulty:
		return "bad-diffbits"
	case blockchain.ErrHighHash:
		return "high-hash"
	case blockchain.ErrPreviousBlockUnknown:
		return "prev-blk-not-found"
	case blockchain.ErrInvalidAncestorBlock:
		return "bad-prevblk"
	case blockchain.ErrPrevBlockNotBest:
		return "inconclusive-not-best-prevblk"
	}
	return ""
}

func blockReason(code blockchain.ErrorCode) string {
	switch code {
	case blockchain.ErrBadMerkleRoot:
		return "bad-txnmrklroot"
	case blockchain.ErrBlockTooBig, blockchain.ErrNoTransactions:
		return "bad-blk-length"
	case blockchain.ErrBlockWeightTooHigh:
		return "bad-blk-weight"
	case blockchain.ErrTooManySigOps:
		return "bad-blk-sigops"
	case blockchain.ErrFirstTxNotCoinbase:
		return "bad-cb-missing"
	case blockchain.ErrMultipleCoinbases:
		return "bad-cb-multiple"
	case blockchain.ErrBadCoinbaseScriptLen:
		return "bad-cb-length"
	case blockchain.ErrBadCoinbaseValue:
		return "bad-cb-amount"
	case blockchain.ErrMissingCoinbaseHeight, blockchain.ErrBadCoinbaseHeight:
		return "bad-cb-height"
	case blockchain.ErrUnexpectedWitness:
		return "unexpected-witness"
	case blockchain.ErrInvalidWitnessCommitment:
		return "bad-witness-nonce-size"
	case blockchain.ErrWitnessCommitmentMismatch:
		return "bad-witness-merkle-match"
	case blockchain.ErrDuplicateTx:
		return "bad-txns-duplicate"
	case blockchain.ErrOverwriteTx:
		return "bad-txns-BIP30"
	}
	return ""
}

func transactionReason(code blockchain.ErrorCode) string {
	switch code {
	case blockchain.ErrNoTxInputs:
		return "bad-txns-vin-empty"
	case blockchain.ErrNoTxOutputs:
		return "bad-txns-vout-empty"
	case blockchain.ErrTxTooBig:
		return "bad-txns-oversize"
	case blockchain.ErrBadTxOutValue:
		return "bad-txns-vout-toolarge"
	case blockchain.ErrDuplicateTxInputs:
		return "bad-txns-inputs-duplicate"
	case blockchain.ErrBadTxInput:
		return "bad-txns-prevout-null"
	case blockchain.ErrMissingTxOut:
		return "bad-txns-inputs-missingorspent"
	case blockchain.ErrUnfinalizedTx:
		return "bad-txns-nonfinal"
	case blockchain.ErrImmatureSpend:
		return "bad-txns-premature-spend-of-coinbase"
	case blockchain.ErrSpendTooHigh:
		return "bad-txns-in-belowout"
	case blockchain.ErrBadFees:
		return "bad-txns-fee-outofrange"
	case blockchain.ErrScriptMalformed, blockchain.ErrScriptValidation:
		return "mandatory-script-verify-flag-failed"
	}
	return ""
}
