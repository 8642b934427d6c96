extension Refusal {
    /// Another import assigned an id to a migrated order at the same time: write the order again with that id.
    package static let importedConcurrently = Refusal("id", "was imported by someone else at the same time: import it again")

    /// The order is not what the change is based on: someone else has changed or created it.
    package static let changedConcurrently = Refusal("", "was changed by someone else in the meantime")

    /// Another order has made a customer with the address at the same time: make the order again for that customer.
    package static let customerMadeConcurrently = Refusal(
        "customer.email", "was made a customer's by someone else at the same time")

    /// A store must be imported before its orders.
    package static let unknownStore = Refusal("store.unique_id", "is that of no store here: import the store first")

    /// The merchant's number is another order's, even if that was deleted.
    package static let numberTaken = Refusal("order_id", "is that of another order")

    /// A slug can belong to only one order of its store.
    package static let slugTaken = Refusal("secret_slug", "is already that of another order")
}
