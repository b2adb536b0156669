"""`fairlead docs`: a site from a scaffolded repository, whole or not at all, beside everything tracked."""

import json
import re
import shutil
import subprocess
import sys
import urllib.request

import pytest

from tests.e2e.sealed import environment, fairlead, git

pytest.importorskip("mkdocs", reason="the extra `docs` is not installed")
if not (shutil.which("kustomize") or shutil.which("kubectl")):
    pytest.skip("neither kustomize nor kubectl is on PATH", allow_module_level=True)


@pytest.fixture
def shop(tmp_path):
    assert fairlead("new", "shop", "--defaults", cwd=tmp_path).returncode == 0
    return tmp_path / "shop"


def bump(shop, tag="1.2.0"):
    place = shop / "apps/web/overlays/dev/kustomization.yaml"
    place.write_text(place.read_text().replace("1.0.0", tag))


def page(site, name):
    found = next(
        p for p in (site / f"environments/{name}.html", site / f"environments/{name}/index.html") if p.exists()
    )
    return found.read_text()


def test_the_site_shows_the_work_tree_or_a_commit_and_leaves_the_repository_alone(shop):
    bump(shop)
    done = fairlead("docs", "build", cwd=shop)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines()[0] == "site: pages of 1 app"
    assert git("status", "--porcelain", cwd=shop) == " M apps/web/overlays/dev/kustomization.yaml"
    assert "<code>1.2.0</code>" in (shop / "site/environments/index.html").read_text()
    web = page(shop / "site", "web")
    assert web.count('<div class="fl-graph"><svg') == 3
    assert "web.staging.example.com" in web
    assert "Daily work" in (shop / "site/index.html").read_text()
    done = fairlead("docs", "build", "--at", "HEAD", "--site", "../old", "--json", cwd=shop)
    assert json.loads(done.stdout)["apps"] == ["web"]
    assert "1.2.0" not in page(shop.parent / "old", "web")


def test_nothing_is_fetched_when_a_page_is_read(shop):
    assert fairlead("docs", "build", cwd=shop).returncode == 0
    for name in ("index", "web"):
        text = (shop / "site/environments/index.html").read_text() if name == "index" else page(shop / "site", name)
        assert not re.findall(r'<(?:link|script|img)[^>]+(?:href|src)="(?:https?:)?//[^"]+"', text), name


def test_own_navigation_gets_the_pages_and_an_overlay_that_fails_is_told(shop):
    (shop / "mkdocs.yml").write_text("site_name: mine\ntheme: mkdocs\nnav:\n  - Home: index.md\nextra_css: [a.css]\n")
    (shop / "docs/a.css").write_text("")
    (shop / "apps/web/overlays/staging/deployment.yaml").unlink()
    done = fairlead("docs", "build", cwd=shop)
    assert done.returncode == 0, done.stderr
    assert done.stderr.startswith("warning: apps/web/overlays/staging does not build: ")
    home = (shop / "site/index.html").read_text()
    assert "environments/web" in home
    assert "a.css" in home
    assert "does not build" in (shop / "site/environments/index.html").read_text()


def test_without_any_docs_of_its_own_a_repository_has_a_site_too(shop):
    shutil.rmtree(shop / "docs")
    (shop / "mkdocs.yml").unlink()
    assert fairlead("docs", "build", cwd=shop).returncode == 0
    assert "environments" in (shop / "site/index.html").read_text()


def test_a_failing_build_keeps_the_last_site_and_says_why(shop):
    assert fairlead("docs", "build", cwd=shop).returncode == 0
    (shop / "docs/index.md").write_text("[gone](nowhere.md)\n")
    done = fairlead("docs", "build", cwd=shop)
    assert (done.returncode, "nowhere.md" in done.stderr) == (2, True)
    assert "Daily work" in (shop / "site/index.html").read_text()


def test_a_folder_that_holds_no_site_is_never_replaced(shop):
    done = fairlead("docs", "build", "--site", "apps", cwd=shop)
    assert (done.returncode, "holds no site" in done.stderr) == (2, True)
    assert (shop / "apps/web").is_dir()


def test_without_mkdocs_the_remedy_is_named(shop, tmp_path):
    code = "import sys; from fairlead.doors import site; site.which = lambda name: None\n"
    code += "from fairlead.cli.main import run; sys.exit(run(['docs', 'build']))"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=shop, env=environment(tmp_path), capture_output=True, text=True, check=False
    )
    assert (done.returncode, "pip install 'fairlead[docs]'" in done.stderr) == (6, True)


def test_served_until_interrupted(shop, tmp_path):
    with subprocess.Popen(
        [sys.executable, "-m", "fairlead", "docs", "serve", "--port", "0"],
        cwd=shop, env=environment(tmp_path), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    ) as process:  # fmt: skip
        try:
            address = process.stdout.readline().strip()
            with urllib.request.urlopen(address, timeout=10) as answer:
                assert "What runs where" in answer.read().decode()
            process.send_signal(2)
            assert process.wait(10) == 130
        finally:
            process.kill()
    assert not (shop / "site").exists()
