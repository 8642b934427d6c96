import Logging
import OrderServices
import Orders

/// The proofs of transfer of a server.
struct Proofs: Sendable {
    let addresses: ReportedProofs
    let publicOrders: PublicOrders
    let proofs: TransferProofs

    /// - Parameter files: where the pictures are kept.
    init(
        _ settings: Settings, _ installation: Installation, in files: any FileStorage, _ looks: LookCounter, _ baseURL: BaseURL,
        _ logger: Logger
    ) {
        let publicURL = settings.publicURL
        let uploads = installation.uploads
        addresses = ReportedProofs(uploads: uploads) { publicURL?.text ?? baseURL.text }
        publicOrders = PublicOrders(
            storage: installation.storage, links: installation.links, looks: looks, proofs: addresses, publicURL: publicURL)
        proofs = TransferProofs(
            storage: installation.storage, uploads: uploads, files: files, publicOrders: publicOrders,
            publicURL: publicURL, logger: logger)
    }
}
