/// Advisory locks (https://www.postgresql.org/docs/15/explicit-locking.html#ADVISORY-LOCKS), told apart by names. The locks of other programs in
/// the same database have other keys, because of the seed.
enum AdvisoryLock {
    /// SQL for the key of a lock.
    /// - Parameter name: SQL for its name.
    static func key(of name: String) -> String { "hashtextextended(\(name), 1347633486)" }
}
