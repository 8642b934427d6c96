import FileStores
import Foundation
import Logging
import OrderServices
import Orders

/// The proofs of transfer of a server, and where their pictures are kept.
struct Proofs: Sendable {
    let addresses: ReportedProofs
    let publicOrders: PublicOrders
    let proofs: TransferProofs
    /// `nil` if they are kept in the data folder.
    private let bucket: S3Files?

    init(_ settings: Settings, _ installation: Installation, _ looks: LookCounter, _ baseURL: BaseURL, _ logger: Logger) {
        let publicURL = settings.publicURL
        let uploads = installation.uploads
        addresses = ReportedProofs(uploads: uploads) { publicURL?.text ?? baseURL.text }
        publicOrders = PublicOrders(
            storage: installation.storage, links: installation.links, looks: looks, proofs: addresses, publicURL: publicURL)
        bucket = settings.bucket.map { S3Files($0) }
        let folder = URL(filePath: settings.dataFolder, directoryHint: .isDirectory).appending(component: "uploads")
        proofs = TransferProofs(
            storage: installation.storage, uploads: uploads, files: bucket ?? LocalFiles(folder), publicOrders: publicOrders,
            publicURL: publicURL, logger: logger)
    }

    /// Closes the connections to a bucket when `body` has ended.
    func untilClosed(_ body: () async throws -> Void) async throws {
        do { try await body() } catch {
            await bucket?.shutdown()
            throw error
        }
        await bucket?.shutdown()
    }
}
