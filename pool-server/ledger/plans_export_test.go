package ledger

// ExplainingQueries are the queries that explain money, each with how many values it takes.
var ExplainingQueries = map[string]int{
	creditRows:                 4,
	sumRows:                    4,
	takenRows:                  2,
	beforeRows:                 3,
	afterRows:                  3,
	incomeRows + explainedRows: 5,
}

// PayingQueries are the queries that every run of payouts makes, likewise.
var PayingQueries = map[string]int{
	dueRows + allDue: 2,
	dueRows + oneDue: 3,
	paidAtRows:       2,
}
