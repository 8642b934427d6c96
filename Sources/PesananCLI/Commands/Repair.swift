import ArgumentParser
import OrderServices

/// `pesanan rebuild`
struct Rebuild: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Make the buyers' orders of a store again, after an upgrade that says so.",
        discussion: "Servers and imports may run at the same time. Only orders that look different afterwards get a new version.")

    @Option(help: "The store's unique_id.")
    var store: String

    @OptionGroup var data: DataOptions

    func run() async throws {
        let installation = try await Installation(data.settings(), for: .existing)
        let storeID = try await installation.storeID(store)
        let report = try await OrderServices.Rebuild(storage: installation.storage).run(storeID) { id, refusal in
            remark("order \(id): \(refusal)\n")
        }
        print("\(report.total) orders: \(report.replaced) rebuilt, \(report.unchanged) unchanged, \(report.refused) refused")
        if report.refused > 0 { throw ExitCode.failure }
    }
}
