import Orders

extension OrderWriting {
    /// Runs an import in its own session, then commits it; an all-or-nothing import is rolled back if it refused anything.
    /// - Throws: ``StorageFailure``, or whatever `body` throws; the session is then rolled back.
    func importing(
        allOrNothing: Bool, _ body: (any StorageImport) async throws -> ImportReport
    ) async throws -> ImportReport {
        let session = try await beginImport(allOrNothing: allOrNothing)
        do {
            let report = try await body(session)
            if allOrNothing, report.refused > 0 { try await session.rollback() } else { try await session.commit() }
            return report
        } catch {
            // The caller needs the error that ended the import.
            try? await session.rollback()
            throw error
        }
    }
}
