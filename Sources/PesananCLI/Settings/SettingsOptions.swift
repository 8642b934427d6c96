import ArgumentParser
import Foundation
import JSON

/// The options that locate the data.
struct DataOptions: ParsableArguments {
    @Option(help: "The folder that holds all data. (default: pesanan-data; for the demo a temporary folder)")
    var data: String?

    @Option(help: "The database, if it is not in the data folder: \(DatabaseAddress.forms).")
    var database: String?

    @Option(help: "Replicas of that PostgreSQL server to read from, separated by commas.")
    var databaseReplicas: String?

    @Option(help: "A JSON file with settings.")
    var config: String?

    /// - Parameter commandLine: other settings from the command line, by name.
    func settings(_ commandLine: [Setting: String?] = [:]) async throws -> Settings {
        try await Settings(
            SettingsSource(
                commandLine: commandLine.merging(
                    [.data: data, .database: database, .databaseReplicas: databaseReplicas]) { $1 },
                environment: ProcessInfo.processInfo.environment, file: config))
    }
}

/// The options of a server.
struct ServerOptions: ParsableArguments {
    @OptionGroup var data: DataOptions

    @Option(help: "Read connections to each PostgreSQL server. (default: twice the number of cores)")
    var databaseConnections: String?

    @Option(help: "The address to listen on. (default: 127.0.0.1)")
    var host: String?

    @Option(help: "The port to listen on; 0 picks a free one. (default: 8080)")
    var port: String?

    @Option(help: "The URL at which buyers reach the service, used for links in orders and mails.")
    var publicURL: String?

    @Option(help: "Where pictures that buyers send are kept, s3://BUCKET[/PREFIX]. (default: in the data folder)")
    var uploads: String?

    @Option(name: .customLong("s3-endpoint"), help: "The S3-compatible store of that bucket. (default: that of AWS)")
    var s3Endpoint: String?

    @Option(name: .customLong("s3-region"), help: "Its region. (default: us-east-1)")
    var s3Region: String?

    @Option(name: .customLong("s3-access-key"), help: "The key with which it is asked.")
    var s3AccessKey: String?

    @Option(name: .customLong("s3-secret-key"), help: "Its secret; better in the environment, as PESANAN_S3_SECRET_KEY.")
    var s3SecretKey: String?

    @Option(
        help: "The SMTP server for mails, smtp[s]://[USER:PASSWORD@]HOST[:PORT]. (default: write them to the folder mail)")
    var smtp: String?

    @Option(help: "The sender of the mails. (default: no-reply@ the host of the public URL)")
    var mailFrom: String?

    @Option(
        help: "To which addresses webhooks may be sent: public (https on the public internet) or any. (default: public)")
    var webhookTargets: String?

    @Option(help: "Who is told by mail of a webhook endpoint that was switched off, if it names nobody.")
    var noticeEmail: String?

    @Option(help: "Reverse proxies whose X-Forwarded-For is trusted: IP addresses or networks separated by commas.")
    var trustedProxies: String?

    @Option(help: "Rate limits: on or off. (default: on)")
    var limits: String?

    @Option(help: "The maximum number of sign-in requests per IP address, COUNT/SECONDS. (default: 300/60)")
    var limitSignInClient: String?

    @Option(help: "The maximum number of attempts per e-mail address from one IP address, COUNT/SECONDS. (default: 10/600)")
    var limitSignInAccount: String?

    @Option(help: "The same from all IP addresses from which nobody has signed in with it, COUNT/SECONDS. (default: 100/86400)")
    var limitSignInAddress: String?

    @Option(help: "The maximum number of requests for public orders per IP address. (default: 1200/60)")
    var limitPublicClient: String?

    @Option(help: "The maximum number of changes of one public order per IP address. (default: 20/600)")
    var limitPublicReport: String?

    @Option(help: "The maximum number of requests per customer, COUNT/SECONDS. (default: 600/60)")
    var limitCustomer: String?

    @Option(help: "The minimum level to log: trace, debug, info, notice, warning, error or critical. (default: info)")
    var logLevel: String?

    func settings(data folder: String? = nil) async throws -> Settings {
        var data = data
        if let folder { data.data = folder }
        return try await data.settings([
            .databaseConnections: databaseConnections, .host: host, .port: port, .publicURL: publicURL,
            .uploads: uploads, .s3Endpoint: s3Endpoint, .s3Region: s3Region, .s3AccessKey: s3AccessKey,
            .s3SecretKey: s3SecretKey, .smtp: smtp, .mailFrom: mailFrom, .webhookTargets: webhookTargets,
            .noticeEmail: noticeEmail, .trustedProxies: trustedProxies, .limits: limits,
            .limitSignInClient: limitSignInClient, .limitSignInAccount: limitSignInAccount,
            .limitSignInAddress: limitSignInAddress,
            .limitPublicClient: limitPublicClient, .limitPublicReport: limitPublicReport, .limitCustomer: limitCustomer,
            .logLevel: logLevel,
        ])
    }
}
