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
