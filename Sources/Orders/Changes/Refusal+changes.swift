extension Refusal {
    /// Another import gave a migrated order its id at the same time: to be written again under that id.
    package static let importedConcurrently = Refusal("id", "was imported by someone else at the same time: import it again")

    /// The order is not what the change started from: someone else has changed or created it since.
    package static let changedConcurrently = Refusal("", "was changed by someone else in the meantime")

    /// An order comes after its store.
    package static let unknownStore = Refusal("store.unique_id", "is that of no store here: import the store first")

    /// A slug belongs to one order of its store.
    package static let slugTaken = Refusal("secret_slug", "is already that of another order")
}
