/// What counts as few and as many when a merchant's list looks for orders.
package struct ListLimits: Sendable {
    /// A search that at most so many orders meet is looked up by what it is for.
    let fewFound: Int
    /// Of so many orders a broad search is asked. Those that ``fewFound`` orders meet are met by some twenty-six of them if they are spread evenly
    /// over four million.
    let newestOrders: Int
    /// A span of time with at most so many orders is looked up by that time.
    let fewInSpan: Int
    /// A store has a few dozen combinations of statuses and payment method. With more, the list is gone through.
    let manyFacets: Int

    package init(fewFound: Int = 5000, newestOrders: Int = 20_000, fewInSpan: Int = 20_000, manyFacets: Int = 100) {
        self.fewFound = fewFound
        self.newestOrders = newestOrders
        self.fewInSpan = fewInSpan
        self.manyFacets = manyFacets
    }
}
