package import Orders

/// Accounts and all that belongs to signing in. `Tests/StorageContract` holds each implementation to every clause.
///
/// Every method of these protocols is one transaction, and throws ``StorageFailure`` and nothing else. Times are given, so that a storage
/// has no clock of its own.
package protocol AccountStorage: CustomerStorage, CodeStorage, SessionStorage, AccessStorage, BusinessKeyStorage, AuditStorage,
    MailStorage, PersonalDataStorage
{
    /// Removes what nobody can use any more: expired codes, sessions and revocations, and old audit records.
    func removeExpired(at time: Timestamp) async throws
}
