import Domain
import Foundation
import HTTPTypes
import Hummingbird
import Journal
import Mustache
import NIOCore

/// Turns values into pages: server-rendered, without scripts and without anything from elsewhere.
struct Renderer: Sendable {
    private let library: MustacheLibrary
    private let assets: [String: Asset]

    private struct Asset {
        var type: String
        var bytes: [UInt8]
    }

    /// What a page is rendered with.
    struct Page {
        var template: String
        /// Where the page is, so that the navigation can mark it.
        var path: String
        var values: TemplateValues = [:]
        /// The command that shows the same.
        var command: String?
        /// Where the same is as JSON.
        var json: String?
        /// Where the same is as a table.
        var csv: String?
        var status: HTTPResponse.Status = .ok
    }

    /// Loads templates and assets from the resources of this target.
    ///
    /// - Throws: An error of the template library or the file system: the program was not installed
    ///   whole.
    init() throws {
        let root = Bundle.module.bundleURL.appending(path: "Resources")
        MustacheContentTypes.register(PageText(), named: PageText.name)
        var library = MustacheLibrary()
        for file in try Self.files(in: root.appending(path: "templates")) {
            let name = file.deletingPathExtension().lastPathComponent
            let template = try String(contentsOf: file, encoding: .utf8)
            try library.register("{{% CONTENT_TYPE:\(PageText.name)}}" + template, named: name)
        }
        var assets: [String: Asset] = [:]
        for file in try Self.files(in: root.appending(path: "assets")) {
            let type = file.pathExtension == "css" ? "text/css; charset=utf-8" : "image/svg+xml"
            assets[file.lastPathComponent] = Asset(
                type: type,
                bytes: Array(try Data(contentsOf: file))
            )
        }
        (self.library, self.assets) = (library, assets)
    }

    /// The document that describes the API.
    ///
    /// - Throws: An error of the file system: the program was not installed whole.
    func openAPI() throws -> JSON {
        let file = Bundle.module.bundleURL.appending(path: "Resources/openapi.json")
        return try JSON(parsing: Array(try Data(contentsOf: file)))
    }

    private static func files(in folder: URL) throws -> [URL] {
        try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
    }

    /// The pages of the navigation.
    private static let pages = [
        ("/", "Overview"), ("/bookings", "Bookings"), ("/records", "Records"), ("/plans", "Plans"),
        ("/runs", "Runs"), ("/drift", "Drift"), ("/failures", "Failures"),
        ("/settings", "Settings"), ("/replay", "Replay lab"), ("/ledger", "Ledger"),
        ("/privacy", "Privacy"),
    ]

    /// Renders a page.
    ///
    /// - Parameters:
    ///   - page: What to show.
    ///   - principal: Who sees it; nil on the page for signing in.
    /// - Returns: The page.
    func response(_ page: Page, for principal: Principal?) -> Response {
        var values = page.values
        values["command"] = page.command
        values["json"] = page.json
        values["csv"] = page.csv
        values["formKey"] = principal?.formKey
        if let principal {
            values["person"] =
                [
                    "name": principal.token.name, "role": principal.token.role.rawValue,
                    "formKey": principal.formKey ?? "",
                ] as TemplateValues
            values["pages"] = Self.pages.map { path, name -> TemplateValues in
                let isHere =
                    path == "/" ? page.path == "/" : page.path.hasPrefix(path)
                return ["path": path, "name": name, "isHere": isHere]
            }
        }
        let html = library.render(values, withTemplate: page.template) ?? ""
        return Response(
            status: page.status,
            headers: Self.headers,
            body: ResponseBody(byteBuffer: ByteBuffer(string: html))
        )
    }

    /// Nothing may be loaded from elsewhere, run, framed, cached or guessed.
    private static let headers: HTTPFields = {
        var headers: HTTPFields = [
            .contentType: "text/html; charset=utf-8", .cacheControl: "no-store",
        ]
        headers[.contentSecurityPolicy] = """
            default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; \
            base-uri 'none'; frame-ancestors 'none'
            """
        headers[.xContentTypeOptions] = "nosniff"
        if let referrer = HTTPField.Name("Referrer-Policy") { headers[referrer] = "no-referrer" }
        return headers
    }()

    /// A file that pages refer to; nil for an unknown one.
    func asset(_ name: String) -> Response? {
        guard let asset = assets[name] else { return nil }
        return Response(
            status: .ok,
            headers: [.contentType: asset.type, .cacheControl: "max-age=3600"],
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: asset.bytes))
        )
    }
}

/// Text as it stands in a page.
///
/// The library's own escaping goes by characters: a quote that a combining mark follows is another
/// character to it, and ends an attribute all the same.
struct PageText: MustacheContentType {
    /// What templates say it by.
    static let name = "PAGE"

    func escapeText(_ text: String) -> String {
        text.unicodeScalars.reduce(into: "") { page, scalar in
            switch scalar {
            case "<": page += "&lt;"
            case ">": page += "&gt;"
            case "&": page += "&amp;"
            case "\"": page += "&quot;"
            case "'": page += "&#39;"
            default: page.unicodeScalars.append(scalar)
            }
        }
    }
}
