/// The settings, by their names. On the command line `port` is `--port`, in the environment `PESANAN_PORT`.
///
/// Each says what it takes and, after it, its default.
enum Setting: String, CaseIterable {
    /// The folder that holds all data: a path; `pesanan-data`.
    case data
    /// The database, if it is not in the data folder: a `postgres://` address, or `sqlite:` and a path; none.
    case database
    /// Replicas of that server to read from: `postgres://` addresses separated by commas; none.
    case databaseReplicas = "database-replicas"
    /// Read connections to each PostgreSQL server: a whole number from 1 to 100; twice the number of cores.
    case databaseConnections = "database-connections"
    /// The address to listen on: text; `127.0.0.1`.
    case host
    /// The port to listen on, 0 for a free one: a whole number; 8080.
    case port
    /// The URL at which buyers reach the service, used for links in orders and mails: an `http(s)://` URL; none.
    case publicURL = "public-url"
    /// Where pictures that buyers send are kept, if not in the data folder: `s3://BUCKET[/PREFIX]`; none.
    case uploads
    /// The S3-compatible store of that bucket: an `http(s)://` URL; that of AWS in the region.
    case s3Endpoint = "s3-endpoint"
    /// Its region: letters, digits and `-`; `us-east-1`.
    case s3Region = "s3-region"
    /// The key with which it is asked, and its secret: text; none.
    case s3AccessKey = "s3-access-key"
    case s3SecretKey = "s3-secret-key"
    /// The server that sends mails: `smtp[s]://[USER:PASSWORD@]HOST[:PORT]`; none, then mails are written to a folder.
    case smtp
    /// The sender of the mails: an e-mail address; `no-reply@` the host of `public-url`.
    case mailFrom = "mail-from"
    /// To which addresses webhooks may be sent: `public` for https on the public internet, or `any`; `public`.
    case webhookTargets = "webhook-targets"
    /// Who is told of a webhook endpoint that was switched off, if it names nobody: an e-mail address; none.
    case noticeEmail = "notice-email"
    /// Reverse proxies whose `X-Forwarded-For` is trusted: IP addresses and networks separated by commas; none.
    case trustedProxies = "trusted-proxies"
    /// Whether requests are rate-limited: `on` or `off`; `on`.
    case limits
    /// Rate limits (`Limits.Rates`): `COUNT/SECONDS`; see there.
    case limitSignInClient = "limit-sign-in-client"
    case limitSignInAccount = "limit-sign-in-account"
    case limitSignInAddress = "limit-sign-in-address"
    case limitPublicClient = "limit-public-client"
    case limitPublicReport = "limit-public-report"
    case limitCustomer = "limit-customer"
    /// The minimum level that is logged: `trace`, `debug`, `info`, `notice`, `warning`, `error` or `critical`; `info`.
    case logLevel = "log-level"

    /// The name of the environment variable.
    var variable: String { "PESANAN_" + rawValue.uppercased().replacing("-", with: "_") }
}
