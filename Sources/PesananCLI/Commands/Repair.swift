import Accounts
import ArgumentParser
import OrderServices
import Orders

/// `pesanan repair`
struct Repair: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Mend what is stored.", subcommands: [Documents.self])

    struct Documents: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Make what buyers see again from what the merchant sent.",
            discussion: """
                Run this if the log names a damaged document, or after an upgrade that asks for it. Servers and imports may run at the \
                same time. Only what differs is written.
                """ + "\n\n" + examples("pesanan repair documents", "pesanan repair documents --store store_A"))

        @Option(help: "The store's unique_id. By default, all stores.")
        var store: String?

        @OptionGroup var data: DataOptions

        func run() async throws {
            let installation = try await Installation(data.settings(), for: .existing)
            let (storage, accounts) = (installation.storage, installation.accounts)
            let stores = if let store { [try await installation.storeID(store)] } else { try await storage.storeIDs() }
            var isComplete = true
            for storeID in stores {
                let renewed = try await accounts.renewAddresses(of: storeID)
                if renewed > 0 { print("\(storeID.text): \(renewed) e-mail addresses renewed") }
                isComplete = try await repair(storeID, in: storage) && isComplete
            }
            if !isComplete { throw ExitCode.failure }
        }

        /// - Returns: whether everything could be made again.
        private func repair(_ storeID: StoreID, in storage: any OrderStorage) async throws -> Bool {
            let repair = DocumentRepair(storage: storage)
            let store = try await repair.repairStore(storeID)
            if case .refused(let refusal) = store { remark("store \(storeID.text): \(refusal)\n") }
            let report = try await repair.repairOrders(of: storeID) { id, refusal in
                remark("order \(id): \(refusal)\n")
            }
            print(
                "\(storeID.text): \(report.total) orders, \(report.replaced) made again, \(report.unchanged) unchanged, "
                    + "\(report.refused) refused")
            return !store.isRefused && report.refused == 0
        }
    }
}
