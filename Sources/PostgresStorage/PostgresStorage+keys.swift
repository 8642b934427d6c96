package import Accounts
import Orders

extension PostgresStorage: SigningKeyStorage {
    package func signingKey(orElse new: SigningKey) async throws -> SigningKey {
        do {
            let session = try await Session(address, on: loop)
            try await session.runScript("BEGIN; LOCK TABLE signing_key IN SHARE ROW EXCLUSIVE MODE")
            let kept = try await session.run("SELECT pem FROM signing_key").rows.first
            if kept == nil {
                try await session.run(
                    "INSERT INTO signing_key (id, pem, created_at) VALUES ($1, $2, $3)", .text(new.id), .text(new.pem),
                    .integer(Timestamp.now.microseconds))
            }
            try await session.runScript("COMMIT")
            guard let kept else { return new }
            guard let key = SigningKey(pem: kept.text(0)) else { throw StorageFailure.damaged }
            return key
        } catch {
            throw StorageFailure(any: error)
        }
    }
}
