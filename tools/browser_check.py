"""The Python part of tools/browser-check, which see.

Usage: browser_check.py DAYBOOK-BINARY BROWSER SCRATCH-FOLDER [FOLDER-FOR-PICTURES]
"""

import pathlib
import re
import subprocess
import sys
import time
import urllib.parse

from playwright.sync_api import sync_playwright

PAGES = [
    "/", "/bookings", "/records", "/plans", "/runs", "/drift", "/failures", "/settings",
    "/replay?version=1&against=2", "/ledger?verify=1", "/privacy",
]


class Service:
    """The demonstration's service, until it is stopped."""

    def __init__(self, daybook, scratch):
        self.output = pathlib.Path(scratch, "out")
        self.process = subprocess.Popen(
            [daybook, "demo", "--serve", "--port", "0", "--folder", str(pathlib.Path(scratch, "demo"))],
            stdout=self.output.open("w"),
            stderr=pathlib.Path(scratch, "log").open("w"),
        )
        self.address, self.token = self.line("Dashboard: ").rstrip("/"), self.line("Token: ")

    def line(self, start):
        for _ in range(600):
            for line in self.output.read_text().splitlines():
                if line.startswith(start):
                    return line[len(start):]
            if self.process.poll() is not None:
                break
            time.sleep(0.1)
        sys.exit(f"The demonstration's service did not say '{start}'.")

    def stop(self):
        self.process.terminate()
        return self.process.wait(30)


class Watch:
    """What no page may do: leave the host, or make the browser complain."""

    def __init__(self, page, address):
        self.host = urllib.parse.urlsplit(address).netloc
        self.left, self.complaints, self.requests = [], [], 0
        page.on("request", self.request)
        page.on("console", lambda message: self.complaints.append(f"{page.url}: {message.text}"))
        page.on("pageerror", lambda error: self.complaints.append(f"{page.url}: {error}"))

    def request(self, request):
        self.requests += 1
        if urllib.parse.urlsplit(request.url).netloc != self.host:
            self.left.append(request.url)


def must(statement, what):
    if not statement:
        raise AssertionError(what)
    print(f"  ✓ {what}", file=sys.stderr)


def sign_in(page, service):
    """From a page for people to the overview, with a wrong token before the right one."""
    page.goto(service.address + "/bookings")
    must(page.url.endswith("/signin"), "a stranger is sent to the page for signing in")
    page.fill("#token", "dbk_wrong")
    page.click("text=Sign in >> nth=-1")
    must(page.locator("[role=alert]").count() == 1, "a wrong token is refused, and it says so")
    page.fill("#token", service.token)
    page.click("text=Sign in >> nth=-1")
    must(page.locator("ol.flow li").count() == 6, "signing in leads to the overview")


def tour(page, service):
    """What the issue asks a browser to do."""
    sign_in(page, service)
    must("fail" in page.inner_text("h1"), "the overview says first that writes failed")

    page.click("nav >> text=Bookings")
    page.click("table.rows a >> nth=0")
    must(page.locator("ol.thread li").count() > 0, "a booking's thread is a time line")
    must(page.locator("ol.uids li").count() > 0, "and names every uid of the chain")

    page.click("nav >> text=Plans")
    page.click("text=Plan what is new")
    must(page.locator(".operation").count() > 0, "a plan shows operations")
    must(page.locator(".operation ins").count() > 0, "field by field, as a difference")
    page.click("text=Apply this plan")
    must("applied" in page.inner_text("h1"), "the plan is applied")
    page.click("text=See what was done")
    must("finished" in page.inner_text("h1"), "the run is there")

    page.click("nav >> text=Plans")
    page.click("text=Plan what is new")
    must("Nothing to write" in page.inner_text("h1"), "the second plan is empty")

    page.click("nav >> text=Failures")
    before = page.locator(".failure").count()
    must(before > 0, "failures are cards")
    must(page.locator(".remedy").count() == before, "each with a remedy")
    while page.locator(".failure.bad >> text=Try again").count():
        page.locator(".failure.bad >> text=Try again").first.click()
        if page.locator(".failure.bad").count() == 0:
            break
    page.click("nav >> text=Plans")
    page.click("text=Plan what is new")
    must(page.locator(".operation.create, .operation.update").count() > 0, "a retried failure is planned")
    page.click("text=Apply this plan")
    page.click("nav >> text=Failures")
    must(page.locator(".failure").count() < before, "and is over after the plan was applied")

    page.click("nav >> text=Drift")
    must("Nothing" not in page.inner_text("h1"), "an edit of a person is shown as drift")
    page.click("text=Plan to put back >> nth=0")
    must(page.locator(".operation").count() == 1, "which can be planned to be put back")
    page.click("nav >> text=Records")
    page.click("table.rows a >> nth=0")
    must("Wanted" in page.inner_text("thead"), "a record says what stands there and what is wanted")


def plain(page, service):
    """A browser that runs no scripts: signing in, every page, and the forms that only show."""
    sign_in(page, service)
    for path in PAGES:
        answer = page.goto(service.address + path)
        if answer.status != 200 or not page.inner_text("h1").strip():
            raise AssertionError(f"{path} cannot be read without scripts")
        if page.locator("script, noscript").count():
            raise AssertionError(f"{path} has scripts")
    must(True, "every page can be read without scripts")
    for path, place in (("/bookings", "ol.thread li"), ("/records", "thead"), ("/runs", "h1")):
        page.goto(service.address + path)
        page.click("table.rows a >> nth=0")
        must(page.locator(place).count() > 0, f"without scripts, {path} leads on")
    page.goto(service.address + "/settings")
    page.select_option("select[name=scope]", index=1)
    page.click("main button >> text=Show")
    must("scope=" in page.url, "without scripts, the history of settings can be narrowed down")
    page.click("text=Sign out")
    must(page.url.endswith("/signin"), "without scripts, one can sign out")


def keyboard(page, service):
    """The first key that is pressed reaches the link over the navigation."""
    page.goto(service.address + "/")
    page.keyboard.press("Tab")
    focused = page.evaluate("document.activeElement.textContent")
    must(focused == "Skip to the content", "the keyboard comes to the content first")


def readable(page, service):
    """No page is wider than the screen, and no picture is without words."""
    for width in (1280, 390):
        page.set_viewport_size({"width": width, "height": 844})
        for path in PAGES:
            page.goto(service.address + path)
            wide = page.evaluate("document.documentElement.scrollWidth")
            if wide > width:
                raise AssertionError(f"{path} is {wide} pixels wide on a screen of {width}")
            dumb = page.locator("svg:not([aria-hidden]):not([aria-label]), img:not([alt])").count()
            if dumb:
                raise AssertionError(f"{path} has {dumb} pictures without words")
    must(True, "every page fits 1280 and 390 pixels, and every picture has words")


def pictures(page, service, folder):
    """A picture of every page, at both widths, and of the overview in the dark."""
    page.goto(service.address + "/bookings")
    booking = page.locator("table.rows a").first.get_attribute("href")
    page.goto(service.address + "/records")
    record = page.locator("table.rows a").first.get_attribute("href")
    page.goto(service.address + "/plans")
    plan = page.locator("table.rows a").last.get_attribute("href")
    for width in (1280, 390):
        page.set_viewport_size({"width": width, "height": 844})
        for path in PAGES + [booking, record, plan]:
            page.goto(service.address + path)
            name = re.sub(r"[^a-z]+", "-", re.sub(r"[?].*", "", path[:12])).strip("-") or "overview"
            page.screenshot(path=f"{folder}/{width}-{name}.png", full_page=width == 390)
    page.emulate_media(color_scheme="dark")
    page.set_viewport_size({"width": 1280, "height": 844})
    page.goto(service.address + "/")
    page.screenshot(path=f"{folder}/1280-dark.png")


def main(daybook, browser, scratch, folder=None):
    service = Service(daybook, scratch)
    problems = []
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=browser, args=["--no-sandbox", "--disable-gpu"]
        )
        bare = chromium.new_context(java_script_enabled=False).new_page()
        context = chromium.new_context(java_script_enabled=True)
        page = context.new_page()
        watches = [Watch(each, service.address) for each in (bare, page)]
        for each in (bare, page):
            each.set_default_timeout(20_000)
        at = bare
        try:
            plain(bare, service)
            at = page
            tour(page, service)
            keyboard(page, service)
            readable(page, service)
            if folder:
                pictures(page, service, folder)
        except Exception as error:  # every kind is the same to whoever reads the list
            problems.append(f"{at.url}: {error}")
            if folder:
                at.screenshot(path=f"{folder}/problem.png")
        problems += [f"left the host: {url}" for watch in watches for url in watch.left]
        # A wrong token is answered 401, which the browser mentions; that one is meant.
        problems += [
            text
            for watch in watches
            for text in watch.complaints
            if not ("/signin" in text and "401" in text)
        ]
        cookies = {cookie["name"]: cookie for cookie in context.cookies()}
        session = cookies.get("daybook_session", {})
        if not (session.get("httpOnly") and session.get("sameSite") == "Strict"):
            problems.append(f"the session's cookie is not guarded: {session}")
        chromium.close()
    if service.stop() != 0:
        problems.append("the service did not end cleanly")
    for problem in problems:
        print(f"  ✗ {problem}", file=sys.stderr)
    if not problems:
        requests = sum(watch.requests for watch in watches)
        print(f"browser-check: {requests} requests, none left the host", file=sys.stderr)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
