/// Customers of a store with one e-mail address: one account.
package enum SharedAddress {
    /// The maximum number of others that a customer sees and changes along. A merchant's stopgap for customers without an address may belong to
    /// thousands.
    private static let limit = 100

    /// Selects the ids of the other customers who have the address of the customer `$2` of the store `$1`, if that one has proven it.
    package static let others = """
        SELECT o.id FROM customer c JOIN customer o ON \(isOther) WHERE c.store_id = $1 AND c.id = $2 AND \(isProven)
        ORDER BY o.id LIMIT \(limit)
        """

    /// The condition that there are others, for the row `c` of a customer.
    package static let hasOthers = "(EXISTS (SELECT 1 FROM customer o WHERE \(isOther)) AND \(isProven))"

    /// Selects the id of the customer of the store `$1` who signs in with the address `$2`: whoever did so first, and until then the one with
    /// the lowest id. So a password goes on to work when another customer with the address arrives.
    static let account = """
        SELECT c.id FROM customer c LEFT JOIN account a ON a.store_id = c.store_id AND a.customer_id = c.id
        WHERE c.store_id = $1 AND c.email = $2 ORDER BY a.confirmed_at IS NULL, a.confirmed_at, c.id LIMIT 1
        """

    private static let isOther = "o.store_id = c.store_id AND o.email = c.email AND o.id <> c.id"

    private static let isProven = """
        EXISTS (
            SELECT 1 FROM account a
            WHERE a.store_id = c.store_id AND a.customer_id = c.id AND a.email = c.email AND a.replaced_email IS NULL)
        """
}
