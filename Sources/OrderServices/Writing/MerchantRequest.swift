package import Orders

/// A request of a merchant's system that changes orders.
package struct MerchantRequest: Sendable {
    package let storeID: StoreID
    /// Who is named in the events.
    package let actor: Actor
    /// Whether the only order is the one on which the request is based, by its tag; `nil` for any.
    package let isExpected: (@Sendable (EntityTag) -> Bool)?
    /// Makes the answer that is kept with what is written, for when the request is repeated; `nil` if it can't be recognized.
    package let answer: (@Sendable ([MerchantOrderView], Timestamp) -> RememberedAnswer)?

    package init(
        in storeID: StoreID, by actor: Actor, isExpected: (@Sendable (EntityTag) -> Bool)? = nil,
        answer: (@Sendable ([MerchantOrderView], Timestamp) -> RememberedAnswer)? = nil
    ) {
        self.storeID = storeID
        self.actor = actor
        self.isExpected = isExpected
        self.answer = answer
    }

    /// The request has been answered before: the answer is remembered, and nothing was written.
    package struct AnsweredBefore: Error {}
}
