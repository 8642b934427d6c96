import Orders

extension OrderWriting {
    /// Runs an import in a session of its own and ends it: what was written is kept, but for an import that is all or nothing and
    /// refused something.
    /// - Throws: ``StorageFailure``, or what `body` throws; then the session is given up.
    func importing(
        allOrNothing: Bool, _ body: (any StorageImport) async throws -> ImportReport
    ) async throws -> ImportReport {
        let session = try await beginImport(allOrNothing: allOrNothing)
        do {
            let report = try await body(session)
            if allOrNothing, report.refused > 0 { try await session.rollback() } else { try await session.commit() }
            return report
        } catch {
            // The error that ended the import is what the caller needs to hear of.
            try? await session.rollback()
            throw error
        }
    }
}
